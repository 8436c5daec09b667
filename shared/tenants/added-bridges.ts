import type { BridgeKey } from '../model/ids.ts';
import type { Environment, SettingReader } from './setting-reader.ts';
import type { BridgeSettings } from './tenant-config.ts';

/** Keys that every tenant has, and the short name that clients may use for one of them. */
const TAKEN_KEYS = new Set(['outlook', 'booking_system', 'booking']);

const KIND_NAME = /^(?:(.+)_)?BRIDGE_([A-Z0-9][A-Z0-9_]*)_KIND$/;

/** `BRIDGE_{KEY}_` and `{TENANT}_BRIDGE_{KEY}_` of every bridge that is added by settings. */
export function addedBridgePrefixes(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => KIND_NAME.test(name))
    .map((name) => name.slice(0, -'KIND'.length));
}

/**
 * Bridges beside the two that every tenant has: `BRIDGE_CALDAV_KIND=caldav` with
 * `BRIDGE_CALDAV_BASE_URL=…` is the bridge `caldav` of kind `caldav` with the value `baseUrl`. With
 * a tenant's prefix they are that tenant's alone, or override what is set for all. Whether the kind
 * exists and what values it needs is for the one who registers it to say.
 */
export function readAddedBridges(
  reader: SettingReader,
  tenantPrefix: string,
): ReadonlyMap<BridgeKey, BridgeSettings> {
  const scopes = tenantPrefix === '' ? ['BRIDGE_'] : ['BRIDGE_', `${tenantPrefix}_BRIDGE_`];
  const valuesByKey = new Map<string, Record<string, string>>();
  for (const scope of scopes)
    for (const [key, values] of readScope(reader.environment, scope))
      valuesByKey.set(key, { ...valuesByKey.get(key), ...values });
  const bridges = new Map<BridgeKey, BridgeSettings>();
  for (const [key, { kind = '', ...values }] of valuesByKey) {
    const name = `${tenantPrefix === '' ? '' : `${tenantPrefix}_`}BRIDGE_${key.toUpperCase()}_KIND`;
    if (TAKEN_KEYS.has(key))
      reader.report(`${name} is not valid: expected another key than ${key}, which is taken`);
    else if (!/^[a-z][a-z0-9_-]*$/.test(kind))
      reader.report(`${name} is not valid: expected the kind of a bridge, such as caldav`);
    else bridges.set(key as BridgeKey, { kind, values });
  }
  return bridges;
}

function readScope(environment: Environment, scope: string): Map<string, Record<string, string>> {
  const names = Object.keys(environment).filter((name) => name.startsWith(scope));
  // The longest key first: BRIDGE_CAL_DAV_URL is of CAL_DAV where both CAL and CAL_DAV exist.
  const keys = names
    .filter((name) => name.endsWith('_KIND') && name.length > scope.length + '_KIND'.length)
    .map((name) => name.slice(scope.length, -'_KIND'.length))
    .sort((one, other) => other.length - one.length);
  const found = new Map<string, Record<string, string>>();
  for (const key of keys) found.set(key.toLowerCase(), {});
  for (const name of names) {
    const key = keys.find((key) => name.startsWith(`${scope}${key}_`));
    const value = environment[name]?.trim() ?? '';
    if (key === undefined || value === '') continue;
    const values = found.get(key.toLowerCase());
    if (values !== undefined) values[camelCase(name.slice(scope.length + key.length + 1))] = value;
  }
  return found;
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
}
