import type { BridgeCapabilities } from '../model/capabilities.ts';
import type { CalendarEvent } from '../model/event.ts';
import type { EventContent, Field } from '../model/fields.ts';
import { assertNever } from '../util/invariant.ts';
import { cutText } from './text.ts';

/** The members that stand for the fields, as a system with these abilities takes them in. */
export function membersOf(
  fields: readonly Field[],
  content: EventContent,
  limits: Pick<BridgeCapabilities, 'canBlank' | 'titleCharsMax' | 'descriptionCharsMax'>,
): Partial<EventContent> {
  const members = fields.map((field): Partial<EventContent> => {
    switch (field) {
      case 'title':
        return { title: cutText(content.title, limits.titleCharsMax) };
      case 'description':
        return { description: cutText(content.description, limits.descriptionCharsMax) };
      case 'contact':
        return { participants: content.participants ?? {} };
      case 'slot': {
        const { start, timeZone, duration, showWithoutTime } = content;
        return { start, timeZone, duration, showWithoutTime };
      }
      default:
        return assertNever(field);
    }
  });
  const kept = members.filter((member) => limits.canBlank || !isBlank(member));
  return Object.assign({}, ...kept) as Partial<EventContent>;
}

function isBlank({ title, description, participants }: Partial<EventContent>): boolean {
  return (
    title === '' ||
    description === '' ||
    (participants !== undefined && Object.keys(participants).length === 0)
  );
}

/** The event without what a read does not show. */
export function onlyShown(event: CalendarEvent, shown: readonly Field[]): CalendarEvent {
  const { participants, ...rest } = event;
  return {
    ...rest,
    title: shown.includes('title') ? event.title : '',
    description: shown.includes('description') ? event.description : '',
    ...(shown.includes('contact') && participants !== undefined ? { participants } : {}),
  };
}
