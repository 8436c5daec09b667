import * as z from 'zod';
import { parseTimeZone } from '../../model/time.ts';
import type { BridgeSettings } from '../../tenants/tenant-config.ts';
import { BridgeSettingsError } from '../bridge-manager.ts';
import { endpointsOf, isNamed, type Endpoints, type Problem } from './rest-endpoints.ts';
import { mappingsOf, type FieldMappings } from './rest-fields.ts';
import { isJsonPath, isObject, type JsonPath } from './rest-paths.ts';
import { TIME_FORMATS, type TimeShape } from './rest-times.ts';

/** How one system is asked, and what its members mean. Holds a secret: never log it. */
export interface RestSettings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Header that proves who we are. */
  readonly auth: { readonly header: string; readonly value: string };
  readonly endpoints: Endpoints;
  readonly mappings: FieldMappings;
  /** Where answers hold what was asked for. */
  readonly responseDataKey?: JsonPath;
  readonly times: TimeShape;
  readonly titleCharsMax: number;
  /** UTF-8; infinite where the settings say how many characters there may be. */
  readonly titleBytesMax: number;
  readonly descriptionCharsMax: number;
  readonly contactNameCharsMax: number;
  readonly contactNameBytesMax: number;
  /** The system refuses overlapping events of one resource. */
  readonly exclusiveSlots: boolean;
}

/**
 * Limits of the systems the default contract is known of, which count bytes. A title of any European
 * script of that many characters fits its bytes.
 */
const TITLE_MAX = { chars: 127, bytes: 255 };
const CONTACT_NAME_MAX = { chars: 50, bytes: 50 };
/** Ours, so that one event cannot bloat every read. */
const DESCRIPTION_CHARS_MAX = 32_768;

const charsMax = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number')
  .transform(Number)
  .refine(
    (chars) => chars >= 1 && chars <= DESCRIPTION_CHARS_MAX,
    `must be from 1 to ${DESCRIPTION_CHARS_MAX}`,
  )
  .optional();

/** An object as JSON text. */
const json = z.string().transform((text, context) => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the text.
    value = undefined;
  }
  if (isObject(value)) return value;
  context.addIssue({ code: 'custom', message: 'must be a JSON object' });
  return z.NEVER;
});

const headerValue = z.string().regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, 'must be printable ASCII');

const ValuesSchema = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
    .refine((text) => {
      const { username, password, search, hash } = new URL(text);
      return [username, password, search, hash].every((part) => part === '');
    }, 'must have no user, query or fragment')
    .transform((url) => url.replace(/\/+$/, '')),
  authType: z
    .enum(['bearer', 'api_key', 'header', 'basic'], 'must be bearer, api_key, header or basic')
    .default('bearer'),
  apiKey: headerValue.optional(),
  authHeader: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a header')
    .optional(),
  authPrefix: headerValue.optional(),
  login: z
    .string()
    .regex(/^[^:]+$/, 'must not be empty or hold a colon')
    .optional(),
  password: z.string().min(1, 'must not be empty').optional(),
  endpoints: json.default({}),
  fieldMappings: json.default({}),
  responseDataKey: z
    .string()
    .refine(isJsonPath, 'must be a path of member names with dots')
    .optional(),
  timeZone: z
    .string()
    .default('Europe/Oslo')
    .transform((name, context) => {
      const zone = parseTimeZone(name);
      if (zone !== undefined) return zone;
      context.addIssue({ code: 'custom', message: 'must be an IANA zone name' });
      return z.NEVER;
    }),
  timeFormat: z.enum(TIME_FORMATS, `must be one of: ${TIME_FORMATS.join(', ')}`).default('utc'),
  titleCharsMax: charsMax,
  descriptionCharsMax: charsMax,
  contactNameCharsMax: charsMax,
  exclusiveSlots: z.enum(['true', 'false'], 'must be true or false').default('true'),
});
type Values = z.output<typeof ValuesSchema>;

const table = z.record(z.string(), z.string().nullable()).optional();
const TablesSchema = z.strictObject({
  to_booking_system: table,
  from_booking_system: table,
  resources: table,
});

/**
 * The settings of a system that is asked over REST, from `BridgeSettings.values`.
 * @throws BridgeSettingsError that names every bad setting, and holds no value.
 */
export function parseRestSettings({ values }: BridgeSettings): RestSettings {
  const parsed = ValuesSchema.safeParse(values);
  if (!parsed.success)
    throw new BridgeSettingsError(
      parsed.error.issues.map(({ path, message }) => ({ name: path.join('.'), message })),
    );
  const problems: Problem[] = [];
  const auth = authOf(parsed.data, problems);
  const { baseUrl, responseDataKey } = parsed.data;
  const found = endpointsOf(parsed.data.endpoints, baseUrl);
  problems.push(...under('endpoints', found.problems));
  const mappings = readMappings(parsed.data.fieldMappings, problems);
  problems.push(...resourceProblems(found.endpoints, mappings));
  if (problems.length > 0)
    throw new BridgeSettingsError(
      problems.map(({ path, message }) => ({ name: path.join('.'), message })),
    );
  const { timeFormat, timeZone, exclusiveSlots, ...limits } = parsed.data;
  return {
    baseUrl,
    auth,
    endpoints: found.endpoints,
    mappings,
    ...(responseDataKey === undefined ? {} : { responseDataKey }),
    times: { format: timeFormat, zone: timeZone },
    titleCharsMax: limits.titleCharsMax ?? TITLE_MAX.chars,
    titleBytesMax: limits.titleCharsMax === undefined ? TITLE_MAX.bytes : Infinity,
    descriptionCharsMax: limits.descriptionCharsMax ?? DESCRIPTION_CHARS_MAX,
    contactNameCharsMax: limits.contactNameCharsMax ?? CONTACT_NAME_MAX.chars,
    contactNameBytesMax:
      limits.contactNameCharsMax === undefined ? CONTACT_NAME_MAX.bytes : Infinity,
    exclusiveSlots: exclusiveSlots === 'true',
  };
}

/** Header and prefix of each kind, where the settings name none. */
const AUTH = {
  bearer: { header: 'Authorization', prefix: 'Bearer' },
  api_key: { header: 'X-API-Key', prefix: '' },
  header: { header: '', prefix: '' },
  basic: { header: 'Authorization', prefix: 'Basic' },
} as const;

function authOf(values: Values, problems: Problem[]): RestSettings['auth'] {
  const { authType } = values;
  const byDefault = AUTH[authType];
  const header = values.authHeader ?? byDefault.header;
  const prefix = values.authPrefix ?? byDefault.prefix;
  if (header === '') problems.push({ path: ['authHeader'], message: 'is missing' });
  const needed = authType === 'basic' ? (['login', 'password'] as const) : (['apiKey'] as const);
  for (const name of needed)
    if (values[name] === undefined) problems.push({ path: [name], message: 'is missing' });
  const { login = '', password = '', apiKey = '' } = values;
  const secret =
    authType === 'basic' ? Buffer.from(`${login}:${password}`, 'utf8').toString('base64') : apiKey;
  return { header, value: prefix === '' ? secret : `${prefix} ${secret}` };
}

function readMappings(value: Record<string, unknown>, problems: Problem[]): FieldMappings {
  const tables = TablesSchema.safeParse(value);
  const found = mappingsOf(tables.success ? tables.data : {});
  const wrong: readonly Problem[] = tables.success
    ? found.problems
    : tables.error.issues.map(({ path, code }) => ({
        path: path.map(String),
        message:
          code === 'unrecognized_keys'
            ? 'holds an unknown table; known: to_booking_system, from_booking_system, resources'
            : 'must map names to names, or to null',
      }));
  problems.push(...under('fieldMappings', wrong));
  return found.mappings;
}

/** A call that does not say which resource it is about would show or fill any. */
function resourceProblems(endpoints: Endpoints, mappings: FieldMappings): readonly Problem[] {
  const problems: Problem[] = [];
  const { list_events: list, create_event: create } = endpoints;
  if (!isNamed(list, 'resource_id') && mappings.read.resource_id === undefined)
    problems.push({
      path: ['endpoints', 'list_events'],
      message: 'must name {resource_id}, or resource_id be mapped',
    });
  if (!isNamed(create, 'resource_id') && mappings.written.resource_id === undefined)
    problems.push({
      path: ['endpoints', 'create_event'],
      message: 'must name {resource_id}, or resource_id be mapped',
    });
  return problems;
}

function under(setting: string, problems: readonly Problem[]): readonly Problem[] {
  return problems.map(({ path, message }) => ({ path: [setting, ...path], message }));
}
