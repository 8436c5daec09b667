import type { Setting, SettingRule } from './setting-reader.ts';

/** A setting of the tenant alone. */
export function own<T>(prefix: string, name: string, rule: SettingRule<T>): Setting<T> {
  return { names: [prefixed(prefix, name)], rule };
}

/** A setting that falls back to the name without the tenant's prefix. */
export function shared<T>(prefix: string, name: string, rule: SettingRule<T>): Setting<T> {
  return { names: [prefixed(prefix, name)], defaults: prefix === '' ? [] : [name], rule };
}

/** Both spellings of the earlier service, the usual one of each mode first. */
export function booking<T>(prefix: string, name: string, rule: SettingRule<T>): Setting<T> {
  const long = prefixed(prefix, `BOOKING_SYSTEM_${name}`);
  const short = prefixed(prefix, `BOOKING_${name}`);
  return { names: prefix === '' ? [long, short] : [short, long], rule };
}

/** As `booking`, falling back to the names without the tenant's prefix. */
export function sharedBooking<T>(prefix: string, name: string, rule: SettingRule<T>): Setting<T> {
  const { names: defaults } = booking('', name, rule);
  return { ...booking(prefix, name, rule), defaults: prefix === '' ? [] : defaults };
}

export function prefixed(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}_${name}`;
}

/** Those that are set. */
export function present(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
