import { BridgeError } from '../../model/errors.ts';
import type { ResourceId } from '../../model/ids.ts';
import type { CalendarGroup, CalendarResource } from '../bridge.ts';
import { plainText } from '../plain-text.ts';
import type { ResourceField } from './rest-fields.ts';
import { valueAt } from './rest-paths.ts';
import type { RestSettings } from './rest-settings.ts';

/** Undefined where it is inactive. `where` names the place in the answer. @throws BridgeError `invalid-response` where it has no id. */
export function toResource(
  row: unknown,
  where: string,
  settings: RestSettings,
): CalendarResource | undefined {
  const value = (field: ResourceField): unknown => valueOf(row, field, settings);
  const active = value('active');
  if (active === false || active === 0 || active === '0') return undefined;
  const capacity = Number(value('capacity') ?? Number.NaN);
  return {
    ...namedBy(row, where, settings),
    id: idOf(row, where, settings) as ResourceId,
    kind: kindOf(value('kind')),
    ...(Number.isFinite(capacity) ? { capacity } : {}),
  };
}

export function toGroup(row: unknown, where: string, settings: RestSettings): CalendarGroup {
  return { ...namedBy(row, where, settings), id: idOf(row, where, settings) };
}

function idOf(row: unknown, where: string, settings: RestSettings): string {
  const id = valueOf(row, 'id', settings);
  if ((typeof id === 'string' && id !== '') || Number.isSafeInteger(id)) return String(id);
  throw new BridgeError('invalid-response', `${where}: it has no id`);
}

/** A resource without a name is shown by its id. */
function namedBy(
  row: unknown,
  where: string,
  settings: RestSettings,
): { name: string; email?: string; description?: string } {
  const text = (field: ResourceField): string => {
    const value = valueOf(row, field, settings);
    return typeof value === 'string' ? plainText(value).trim() : '';
  };
  const [name, email, description] = [text('name'), text('email'), text('description')];
  return {
    name: name === '' ? idOf(row, where, settings) : name,
    ...(email === '' ? {} : { email }),
    ...(description === '' ? {} : { description }),
  };
}

function valueOf(row: unknown, field: ResourceField, { mappings }: RestSettings): unknown {
  const values = (mappings.resources[field] ?? []).map((path) => valueAt(row, path));
  return values.find((value) => value !== undefined && value !== null);
}

function kindOf(value: unknown): CalendarResource['kind'] {
  switch (String(value).toLowerCase()) {
    case 'equipment':
      return 'equipment';
    case 'calendar':
      return 'calendar';
    case 'other':
      return 'other';
    default:
      return 'room';
  }
}
