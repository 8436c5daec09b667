import type { ResourceId } from '../../model/ids.ts';
import type { CalendarResource } from '../bridge.ts';
import type { ResourceRow } from './booking-schemas.ts';
import { plainText } from '../plain-text.ts';

/** Languages of a description, best first; `no` is how the system calls bokmål. */
const LANGUAGES = ['no', 'nb', 'nn', 'en'];

export function toResource({
  id,
  name,
  capacity,
  description_json,
}: ResourceRow): CalendarResource {
  const description = descriptionOf(description_json);
  return {
    id: String(id) as ResourceId,
    name,
    // The list does not say what it is; equipment is bookable in the same way.
    kind: 'room',
    ...(description === '' ? {} : { description }),
    ...(typeof capacity === 'number' ? { capacity } : {}),
  };
}

function descriptionOf(value: unknown): string {
  const texts = typeof value === 'string' ? parsed(value) : value;
  if (typeof texts !== 'object' || texts === null) return '';
  const byLanguage = texts as Readonly<Record<string, unknown>>;
  const found = LANGUAGES.map((language) => byLanguage[language]).find(
    (text) => typeof text === 'string' && text !== '',
  );
  return typeof found === 'string' ? plainText(found) : '';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A description is a courtesy: without it the resource is listed all the same.
    return undefined;
  }
}
