import { BridgeError } from '../../model/errors.ts';

/** What stands in braces in addresses, parameters and bodies. */
export type Placeholder =
  | 'resource_id'
  | 'event_id'
  | 'user_id'
  | 'start_date'
  | 'end_date'
  | 'start'
  | 'end'
  | 'callback_url'
  | 'subscription_id';

export type Filling = Readonly<Partial<Record<Placeholder, string>>>;

const BRACES = /\{([^{}]*)\}/g;

/** The names in the braces of a template, known or not. */
export function namesIn(template: string): readonly string[] {
  return [...template.matchAll(BRACES)].map(([, name]) => name ?? '');
}

export function fill(template: string, filling: Filling): string {
  return template.replaceAll(BRACES, (_, name: string) => filling[name as Placeholder] ?? '');
}

/**
 * Each value becomes one segment of the path, or one value of the query.
 * @throws BridgeError `rejected` where an id cannot be in an address: it would name something else. Not
 * `not-found`, from which it would follow that what has the id is gone.
 */
export function fillAddress(template: string, filling: Filling, call: string): string {
  return template.replaceAll(BRACES, (_, name: string) => {
    const value = filling[name as Placeholder] ?? '';
    if (value === '' || /^\.{1,2}$/.test(value))
      throw new BridgeError(
        'rejected',
        `${call}: an empty ${name}, or one of dots, cannot be asked for`,
      );
    return encodeURIComponent(value);
  });
}

/** A JSON value in which every text is a template. */
export function fillBody(value: unknown, filling: Filling): unknown {
  if (typeof value === 'string') return fill(value, filling);
  if (Array.isArray(value)) return value.map((member) => fillBody(member, filling));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fillBody(member, filling)]),
  );
}
