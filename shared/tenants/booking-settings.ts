import type { TimeZoneId } from '../model/time.ts';
import { booking, present, shared, sharedBooking } from './setting-names.ts';
import type { SettingReader, SettingRule } from './setting-reader.ts';
import { anyText, httpUrl, jsonObject, oneOf, wholeNumber } from './setting-rules.ts';

const LOGIN = anyText('the login of the booking system’s user');
const PASSWORD = anyText('the password of that user');

/** What the bridge of the booking system is made from; its own schema checks the rest. */
export function readBooking(
  reader: SettingReader,
  prefix: string,
  zone: TimeZoneId,
): Record<string, string> {
  const key = booking(prefix, 'API_KEY', anyText('the booking system’s key'));
  const login = booking(prefix, 'LOGIN', LOGIN);
  const named = reader.optional(shared(prefix, 'BOOKING_PROFILE', oneOf(['generic', 'portico'])));
  const isKeyAlone = reader.isSet(key) && !reader.isSet(login);
  const profile = named ?? (isKeyAlone ? 'generic' : 'portico');
  return present({
    profile,
    baseUrl: reader.required(booking(prefix, 'API_URL', httpUrl)),
    timeZone: zone,
    ...(profile === 'generic' ? readGeneric(reader, prefix) : readPortico(reader, prefix)),
  });
}

function readPortico(reader: SettingReader, prefix: string): Record<string, string | undefined> {
  return {
    login: reader.required(booking(prefix, 'LOGIN', LOGIN)),
    password: reader.required(booking(prefix, 'PASSWORD', PASSWORD)),
    domain: reader.required(booking(prefix, 'DOMAIN', anyText('the login domain of that user'))),
  };
}

/** Settings of the generic contract that say how, with the value of the bridge that each becomes. */
const GENERIC: readonly (readonly [value: string, name: string, rule: SettingRule<string>])[] = [
  ['authHeader', 'AUTH_HEADER', anyText('the name of the header that takes the key')],
  ['authPrefix', 'AUTH_PREFIX', anyText('the word before the key')],
  ['endpoints', 'API_ENDPOINTS', jsonObject],
  ['fieldMappings', 'FIELD_MAPPINGS', jsonObject],
  ['responseDataKey', 'RESPONSE_DATA_KEY', anyText('where answers hold their data')],
  ['timeFormat', 'TIME_FORMAT', oneOf(['utc', 'offset', 'local', 'unix', 'unix_ms'])],
  ['exclusiveSlots', 'EXCLUSIVE_SLOTS', oneOf(['true', 'false'])],
];

const LIMITS = [
  ['titleCharsMax', 'TITLE_CHARS_MAX'],
  ['descriptionCharsMax', 'DESCRIPTION_CHARS_MAX'],
  ['contactNameCharsMax', 'CONTACT_NAME_CHARS_MAX'],
] as const;

function readGeneric(reader: SettingReader, prefix: string): Record<string, string | undefined> {
  const kinds = oneOf(['bearer', 'api_key', 'header', 'basic']);
  const authType = reader.optional(sharedBooking(prefix, 'AUTH_TYPE', kinds)) ?? 'bearer';
  const isBasic = authType === 'basic';
  const values = GENERIC.map(([value, name, rule]) => [
    value,
    reader.optional(sharedBooking(prefix, name, rule)),
  ]);
  const limits = LIMITS.map(([value, name]) => [
    value,
    reader.optional(sharedBooking(prefix, name, wholeNumber(1, 32_768, 'characters')))?.toString(),
  ]);
  return {
    authType,
    apiKey: isBasic
      ? undefined
      : reader.required(booking(prefix, 'API_KEY', anyText('the booking system’s key'))),
    login: isBasic ? reader.required(booking(prefix, 'LOGIN', LOGIN)) : undefined,
    password: isBasic ? reader.required(booking(prefix, 'PASSWORD', PASSWORD)) : undefined,
    ...(Object.fromEntries([...values, ...limits]) as Record<string, string | undefined>),
  };
}
