import * as z from 'zod';
import type { TenantId } from '../model/ids.ts';
import { parseTimeZone } from '../model/time.ts';
import type { SettingRule } from './setting-reader.ts';

/** A rule from a parser that answers undefined for what it does not take. */
export function ruleOf<T>(
  expected: string,
  parse: (text: string) => T | undefined,
): SettingRule<T> {
  const schema = z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
  return { schema, expected };
}

export function anyText(expected: string): SettingRule<string> {
  return { schema: z.string(), expected };
}

/** Checked for its form alone; what it must hold is for the one who uses it to say. */
export const jsonObject: SettingRule<string> = ruleOf('a JSON object', (text) => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : undefined;
  } catch {
    return undefined;
  }
});

export function oneOf<const T extends string>(values: readonly T[]): SettingRule<T> {
  return ruleOf(`one of ${values.join(', ')}`, (text) => values.find((value) => value === text));
}

export function wholeNumber(min: number, max: number, unit: string): SettingRule<number> {
  return ruleOf(`a whole number of ${unit} from ${min} to ${max}`, (text) => {
    const number = Number(text);
    return /^\d{1,9}$/.test(text) && number >= min && number <= max ? number : undefined;
  });
}

/** Keys shorter than this can be tried out. */
export const API_KEY_CHARS_MIN = 16;
export const FINGERPRINT_KEY_CHARS_MIN = 32;

export function secret(charsMin: number): SettingRule<string> {
  return ruleOf(`a secret of at least ${charsMin} characters without spaces`, (text) =>
    text.length >= charsMin && !/\s/.test(text) ? text : undefined,
  );
}

const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Something that is sent in an address or a sign-in form: no spaces, quotes or slashes. */
export function identifier(expected: string): SettingRule<string> {
  return ruleOf(expected, (text) => (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) ? text : undefined));
}

export const groupOfRooms: SettingRule<string> = ruleOf(
  'the object id of a group, or the address of a room list',
  (text) =>
    /^[A-Za-z0-9][A-Za-z0-9._-]*(?:@[A-Za-z0-9][A-Za-z0-9.-]*)?$/.test(text) ? text : undefined,
);

export const apiKey: SettingRule<string> = ruleOf(
  `a key of at least ${API_KEY_CHARS_MIN} printable ASCII characters without spaces`,
  (text) => (text.length >= API_KEY_CHARS_MIN && HEADER_SAFE.test(text) ? text : undefined),
);

export const tenantId: SettingRule<TenantId> = ruleOf(
  'a tenant id: lower case letters, digits, "_" and "-", at most 64, a letter or digit first',
  parseTenantId,
);

export function parseTenantId(text: string): TenantId | undefined {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text) ? (text as TenantId) : undefined;
}

export const timeZone = ruleOf('an IANA time zone such as Europe/Oslo', parseTimeZone);

/** An http(s) address without user, query and fragment; the slash at its end is cut. */
export const httpUrl: SettingRule<string> = ruleOf(
  'an http or https address without user, query and fragment',
  (text) => {
    const url = parseHttpUrl(text);
    return url && url.href.replace(/\/+$/, '');
  },
);

/** An origin to which tokens are sent, so `http:` only on this machine. */
export const secureOrigin: SettingRule<string> = ruleOf(
  'an https origin without a path, such as https://graph.microsoft.com',
  (text) => {
    const url = parseHttpUrl(text);
    if (url?.pathname !== '/') return undefined;
    return url.protocol === 'https:' || isLoopback(url) ? url.origin : undefined;
  },
);

/** Sign-in libraries refuse `http:` authorities, on this machine too. */
export const httpsOrigin: SettingRule<string> = ruleOf(
  'an https origin without a path, such as https://login.microsoftonline.com',
  (text) => {
    const url = parseHttpUrl(text);
    return url?.pathname === '/' && url.protocol === 'https:' ? url.origin : undefined;
  },
);

export const httpsUrl: SettingRule<string> = ruleOf(
  'an https address without user, query and fragment',
  (text) => {
    const url = parseHttpUrl(text);
    return url?.protocol === 'https:' ? url.href.replace(/\/+$/, '') : undefined;
  },
);

/** The receivers of alerts put keys into the query. */
export const anyHttpUrl: SettingRule<string> = ruleOf('an http or https address', (text) => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
});

/** Unlike other addresses a proxy's may hold a user and a password. */
export const proxyUrl: SettingRule<string> = ruleOf('an http or https address', (text) => {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== ''
    ? url.href.replace(/\/$/, '')
    : undefined;
});

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  return url.search === '' && url.hash === '' ? url : undefined;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Lowest and highest value of each field, and the names it takes beside numbers. */
const NCRONTAB_FIELDS: readonly { min: number; max: number; names?: readonly string[] }[] = [
  { min: 0, max: 59 },
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: WEEKDAYS },
];

/** NCRONTAB as Functions takes it: second, minute, hour, day, month, day of week (0 to 6). */
export const schedule: SettingRule<string> = ruleOf(
  'an NCRONTAB expression of six fields, seconds first, such as "0 */5 * * * *"',
  (text) => {
    const fields = text.split(/\s+/);
    if (fields.length !== NCRONTAB_FIELDS.length) return undefined;
    return NCRONTAB_FIELDS.every((range, index) => isCronField(fields[index] ?? '', range))
      ? fields.join(' ')
      : undefined;
  },
);

function isCronField(
  field: string,
  { min, max, names }: { min: number; max: number; names?: readonly string[] },
): boolean {
  const numberOf = (text: string): number => {
    if (/^\d{1,2}$/.test(text)) return Number(text);
    const name = names?.indexOf(text.toLowerCase()) ?? -1;
    return name < 0 ? Number.NaN : name + min;
  };
  return field.split(',').every((part) => {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null || match[3] === '0' || match[3] === '00') return false;
    if (match[1] === undefined) return true;
    const from = numberOf(match[1]);
    const to = numberOf(match[2] ?? match[1]);
    return from >= min && to <= max && from <= to;
  });
}
