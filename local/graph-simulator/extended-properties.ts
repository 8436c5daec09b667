import { badRequest } from './errors.ts';
import type { ExtendedProperty } from './model.ts';

const TYPES = ['String', 'Integer', 'Boolean', 'Double', 'Long', 'SystemTime', 'CLSID'];
const NAMED = /^(\w+)\s+\{([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}\s+(Name|Id)\s+(.+)$/i;

/**
 * An id in the form under which it is stored: the GUID in lower case, since its case does not
 * count; the name as it is, since its case does.
 * @throws GraphError 400 for an id of another form.
 */
export function normalizedPropertyId(id: string): string {
  const [, typeWord, guid, kind, name] = NAMED.exec(id.trim()) ?? [];
  const type = TYPES.find((known) => known.toLowerCase() === typeWord?.toLowerCase());
  if (type === undefined || guid === undefined || kind === undefined || name === undefined)
    throw badRequest(
      'ErrorInvalidProperty',
      `'${id}' is not the id of an extended property (expected: String {guid} Name name).`,
    );
  const isNamed = kind.toLowerCase() === 'name';
  return `${type} {${guid.toLowerCase()}} ${isNamed ? `Name ${name}` : `Id ${name.toLowerCase()}`}`;
}

/** What is there after a write of `written`: others stay, the same id is replaced. */
export function mergeProperties(
  existing: readonly ExtendedProperty[],
  written: readonly ExtendedProperty[],
): ExtendedProperty[] {
  const merged = new Map(existing.map(({ id, value }) => [id, value]));
  for (const { id, value } of written) merged.set(normalizedPropertyId(id), value);
  return [...merged].map(([id, value]) => ({ id, value }));
}

export type PropertyOperator = 'eq' | 'ne' | 'contains' | 'startswith';

/** One `Any()` of a filter: values compare without regard to case, ids as normalized. */
export interface PropertyCondition {
  id: string;
  operator: PropertyOperator;
  value: string;
}

/** An event without the property fits no condition, `ne` included. */
export function fitsProperty(
  properties: readonly ExtendedProperty[],
  { id, operator, value }: PropertyCondition,
): boolean {
  const held = properties.find((property) => property.id === id)?.value.toLowerCase();
  if (held === undefined) return false;
  const wanted = value.toLowerCase();
  switch (operator) {
    case 'eq':
      return held === wanted;
    case 'ne':
      return held !== wanted;
    case 'contains':
      return held.includes(wanted);
    case 'startswith':
      return held.startsWith(wanted);
  }
}
