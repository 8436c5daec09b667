import { createHash, hkdfSync } from 'node:crypto';
import { BRAKE_DEFAULTS } from '../model/hold.ts';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { TimeZoneId } from '../model/time.ts';
import { readAddedBridges } from './added-bridges.ts';
import { readBooking } from './booking-settings.ts';
import { own, present, shared } from './setting-names.ts';
import type { SettingReader, SettingRule } from './setting-reader.ts';
import {
  anyText,
  apiKey,
  FINGERPRINT_KEY_CHARS_MIN,
  groupOfRooms,
  httpsOrigin,
  identifier,
  oneOf,
  secret,
  secureOrigin,
  timeZone,
  wholeNumber,
} from './setting-rules.ts';
import { LOCALES, type BridgeSettings, type TenantConfig } from './tenant-config.ts';

const GRAPH_URL = 'https://graph.microsoft.com';
const AUTHORITY_HOST = 'https://login.microsoftonline.com';

/** Where a tenant's settings stand: `prefix` is empty in single mode. */
export interface TenantNames {
  readonly id: TenantId;
  readonly prefix: string;
}

/**
 * One tenant's configuration from the environment. Credentials are the tenant's own; the settings
 * that say how (time zone, window, national cloud, …) fall back to the names without a prefix.
 * What is wrong is reported to `reader`, and then the answer is undefined.
 */
export function readTenant(reader: SettingReader, tenant: TenantNames): TenantConfig | undefined {
  const problemsBefore = reader.problems.length;
  const { id, prefix } = tenant;
  const zone =
    reader.optional(shared(prefix, 'TIME_ZONE', timeZone)) ?? ('Europe/Oslo' as TimeZoneId);
  const outlook = readOutlook(reader, prefix);
  const booking = readBooking(reader, prefix, zone);
  const added = readAddedBridges(reader, prefix);
  const fingerprintKey = readFingerprintKey(reader, tenant, outlook);
  const key = prefix === '' ? undefined : reader.optional(own(prefix, 'API_KEY', apiKey));
  const settings = readSchedule(reader, prefix);
  if (reader.problems.length > problemsBefore || fingerprintKey === undefined) return undefined;
  const bridges = new Map<BridgeKey, BridgeSettings>([
    ['outlook' as BridgeKey, { kind: 'outlook', values: outlook }],
    [
      'booking_system' as BridgeKey,
      { kind: 'booking', values: { locale: settings.locale, ...booking } },
    ],
    ...added,
  ]);
  return {
    id,
    name: id,
    timeZone: zone,
    ...settings,
    bridges,
    apiKeyHashes: key === undefined ? [] : [hashOfKey(key)],
    fingerprintKey,
  };
}

/** Hex SHA-256, the only form in which an API key is kept. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

function readSchedule(
  reader: SettingReader,
  prefix: string,
): Pick<
  TenantConfig,
  | 'locale'
  | 'windowPastDays'
  | 'windowFutureDays'
  | 'syncFrequencyMinutes'
  | 'slowPollMinutes'
  | 'copiesFree'
  | 'copiesPrivate'
  | 'brake'
  | 'priority'
  | 'offsetMinutes'
> {
  const read = <T>(name: string, rule: SettingRule<T>): T | undefined =>
    reader.optional(shared(prefix, name, rule));
  return {
    locale: read('LOCALE', oneOf(LOCALES)) ?? 'nb',
    // A deletion is confirmed over −30/+400 days, which must hold the window and its over-read.
    windowPastDays: read('SYNC_WINDOW_PAST_DAYS', wholeNumber(0, 30, 'days')) ?? 1,
    windowFutureDays: read('SYNC_WINDOW_FUTURE_DAYS', wholeNumber(1, 390, 'days')) ?? 180,
    syncFrequencyMinutes: read('SYNC_FREQUENCY', wholeNumber(0, 1440, 'minutes')) ?? 0,
    slowPollMinutes: read('SLOW_POLL_MINUTES', wholeNumber(0, 1440, 'minutes')) ?? 60,
    copiesFree: read('COPY_FREE_EVENTS', oneOf(['true', 'false'])) === 'true',
    copiesPrivate: read('COPY_PRIVATE_EVENTS', oneOf(['true', 'false'])) === 'true',
    brake: {
      deletionsMin:
        read('BRAKE_DELETIONS_MIN', wholeNumber(0, 100_000, 'deletions')) ??
        BRAKE_DEFAULTS.deletionsMin,
      deletionsPercent:
        read('BRAKE_DELETIONS_PERCENT', wholeNumber(0, 100, 'percent')) ??
        BRAKE_DEFAULTS.deletionsPercent,
      createsMin:
        read('BRAKE_CREATES_MIN', wholeNumber(0, 100_000, 'creates')) ?? BRAKE_DEFAULTS.createsMin,
      holdHours: read('HOLD_HOURS', wholeNumber(1, 720, 'hours')) ?? BRAKE_DEFAULTS.holdHours,
    },
    priority:
      reader.optional(own(prefix, 'PRIORITY', oneOf(['high', 'medium', 'low']))) ?? 'medium',
    offsetMinutes: reader.optional(own(prefix, 'OFFSET', wholeNumber(0, 1440, 'minutes'))) ?? 0,
  };
}

function readOutlook(reader: SettingReader, prefix: string): Record<string, string> {
  const auth =
    reader.optional(
      shared(prefix, 'OUTLOOK_AUTH', oneOf(['secret', 'managed_identity', 'federated'])),
    ) ?? 'secret';
  const clientId = own(prefix, 'OUTLOOK_CLIENT_ID', identifier('the id of the app registration'));
  const clientSecret = own(
    prefix,
    'OUTLOOK_CLIENT_SECRET',
    anyText('the client secret of the app registration'),
  );
  return present({
    auth,
    tenantId: reader.required(
      own(prefix, 'OUTLOOK_TENANT_ID', identifier('the id or domain of the Entra ID tenant')),
    ),
    // A managed identity of the system needs no id.
    clientId: auth === 'managed_identity' ? reader.optional(clientId) : reader.required(clientId),
    clientSecret: auth === 'secret' ? reader.required(clientSecret) : undefined,
    groupId: reader.optional(own(prefix, 'OUTLOOK_GROUP_ID', groupOfRooms)),
    graphUrl: reader.optional(shared(prefix, 'OUTLOOK_GRAPH_URL', secureOrigin)) ?? GRAPH_URL,
    authorityHost:
      reader.optional(shared(prefix, 'OUTLOOK_AUTHORITY_HOST', httpsOrigin)) ?? AUTHORITY_HOST,
  });
}

/**
 * The 32 bytes that a tenant's fingerprints are made with: HKDF-SHA256 (RFC 5869) of
 * FINGERPRINT_KEY, else of the Outlook client secret, salted with the tenant's id. Without a
 * FINGERPRINT_KEY a new client secret is therefore a new key: fingerprints made before it are no
 * longer comparable and are made anew by the next complete read, without writes to either system.
 */
function readFingerprintKey(
  reader: SettingReader,
  { id, prefix }: TenantNames,
  outlook: Readonly<Record<string, string>>,
): Uint8Array | undefined {
  const setting = shared(prefix, 'FINGERPRINT_KEY', secret(FINGERPRINT_KEY_CHARS_MIN));
  const material =
    outlook['auth'] === 'secret'
      ? (reader.optional(setting) ?? outlook['clientSecret'])
      : reader.required(setting);
  if (material === undefined) return undefined;
  return new Uint8Array(hkdfSync('sha256', material, id, 'calendar-bridge fingerprints v1', 32));
}
