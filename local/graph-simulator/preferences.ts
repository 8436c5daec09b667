import { badRequest } from './errors.ts';
import { UTC, zoneOf, type Zone } from './time.ts';

/** What a request prefers (RFC 7240), as far as Graph's calendar honours it. */
export interface Preferences {
  zone: Zone;
  bodyAsText: boolean;
  immutableIds: boolean;
  pageSizeMax?: number;
  /** Value of `Preference-Applied`, empty where nothing was asked for. */
  applied: string;
}

const PREFERENCE = /([\w.-]+)\s*=\s*(?:"([^"]*)"|([^,;\s]+))/g;

/** Unknown preferences are passed over, as the RFC asks. @throws GraphError 400 for bad values. */
export function preferencesOf(headers: Headers): Preferences {
  const preferences: Preferences = {
    zone: UTC,
    bodyAsText: false,
    immutableIds: false,
    applied: '',
  };
  const applied: string[] = [];
  for (const [text, name = '', quoted, token] of (headers.get('prefer') ?? '').matchAll(
    PREFERENCE,
  )) {
    if (apply(preferences, name.toLowerCase(), quoted ?? token ?? '')) applied.push(text);
  }
  return { ...preferences, applied: applied.join(', ') };
}

function apply(preferences: Preferences, name: string, value: string): boolean {
  switch (name) {
    case 'outlook.timezone':
      preferences.zone = zoneOf(value);
      return true;
    case 'outlook.body-content-type':
      preferences.bodyAsText = value.toLowerCase() === 'text';
      return true;
    case 'idtype':
      preferences.immutableIds = value.toLowerCase() === 'immutableid';
      return preferences.immutableIds;
    case 'odata.maxpagesize': {
      const size = Number(value);
      if (!Number.isInteger(size) || size < 1)
        throw badRequest('ErrorInvalidParameter', `odata.maxpagesize can not be '${value}'.`);
      preferences.pageSizeMax = size;
      return true;
    }
    default:
      return false;
  }
}
