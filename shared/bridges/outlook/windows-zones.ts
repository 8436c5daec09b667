import { parseTimeZone, type TimeZoneId } from '../../model/time.ts';

/**
 * Windows zones and the IANA zones they stand for, the one of territory 001 first, from CLDR's
 * windowsZones table (https://github.com/unicode-org/cldr, common/supplemental/windowsZones.xml).
 * Europe with all its zones, the rest of the world with the usual ones.
 */
const ZONES: Readonly<Record<string, string>> = {
  UTC: 'Etc/UTC Etc/GMT',
  'Greenwich Standard Time': 'Atlantic/Reykjavik Africa/Abidjan Africa/Dakar Atlantic/St_Helena',
  'GMT Standard Time':
    'Europe/London Atlantic/Canary Atlantic/Faeroe Europe/Guernsey Europe/Dublin Europe/Isle_of_Man Europe/Jersey Europe/Lisbon Atlantic/Madeira',
  'W. Europe Standard Time':
    'Europe/Berlin Europe/Andorra Europe/Vienna Europe/Zurich Europe/Busingen Europe/Gibraltar Europe/Rome Europe/Vaduz Europe/Luxembourg Europe/Monaco Europe/Malta Europe/Amsterdam Europe/Oslo Europe/Stockholm Arctic/Longyearbyen Europe/San_Marino Europe/Vatican',
  'Central Europe Standard Time':
    'Europe/Budapest Europe/Tirane Europe/Prague Europe/Podgorica Europe/Belgrade Europe/Ljubljana Europe/Bratislava',
  'Central European Standard Time': 'Europe/Warsaw Europe/Sarajevo Europe/Zagreb Europe/Skopje',
  'Romance Standard Time':
    'Europe/Paris Europe/Brussels Europe/Copenhagen Europe/Madrid Africa/Ceuta',
  'E. Europe Standard Time': 'Europe/Chisinau',
  'FLE Standard Time':
    'Europe/Kiev Europe/Mariehamn Europe/Sofia Europe/Tallinn Europe/Helsinki Europe/Vilnius Europe/Riga',
  'GTB Standard Time': 'Europe/Bucharest Asia/Nicosia Asia/Famagusta Europe/Athens',
  'Kaliningrad Standard Time': 'Europe/Kaliningrad',
  'Russian Standard Time': 'Europe/Moscow Europe/Kirov Europe/Simferopol',
  'Belarus Standard Time': 'Europe/Minsk',
  'Turkey Standard Time': 'Europe/Istanbul',
  'Azores Standard Time': 'Atlantic/Azores America/Scoresbysund',
  'Cape Verde Standard Time': 'Atlantic/Cape_Verde',
  'Morocco Standard Time': 'Africa/Casablanca Africa/El_Aaiun',
  'W. Central Africa Standard Time': 'Africa/Lagos Africa/Algiers Africa/Tunis',
  'South Africa Standard Time': 'Africa/Johannesburg Africa/Maputo',
  'E. Africa Standard Time': 'Africa/Nairobi',
  'Egypt Standard Time': 'Africa/Cairo',
  'Israel Standard Time': 'Asia/Jerusalem',
  'Arab Standard Time': 'Asia/Riyadh',
  'Arabian Standard Time': 'Asia/Dubai',
  'Iran Standard Time': 'Asia/Tehran',
  'Pakistan Standard Time': 'Asia/Karachi',
  'India Standard Time': 'Asia/Calcutta',
  'SE Asia Standard Time': 'Asia/Bangkok Asia/Jakarta Asia/Saigon',
  'China Standard Time': 'Asia/Shanghai Asia/Hong_Kong',
  'Singapore Standard Time': 'Asia/Singapore Asia/Manila',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'Korea Standard Time': 'Asia/Seoul',
  'AUS Eastern Standard Time': 'Australia/Sydney Australia/Melbourne',
  'E. Australia Standard Time': 'Australia/Brisbane',
  'W. Australia Standard Time': 'Australia/Perth',
  'New Zealand Standard Time': 'Pacific/Auckland',
  'Greenland Standard Time': 'America/Godthab',
  'E. South America Standard Time': 'America/Sao_Paulo',
  'Newfoundland Standard Time': 'America/St_Johns',
  'Atlantic Standard Time': 'America/Halifax',
  'Eastern Standard Time': 'America/New_York America/Toronto',
  'Central Standard Time': 'America/Chicago',
  'Mountain Standard Time': 'America/Denver',
  'US Mountain Standard Time': 'America/Phoenix',
  'Pacific Standard Time': 'America/Los_Angeles America/Vancouver',
  'Alaskan Standard Time': 'America/Anchorage',
  'Hawaiian Standard Time': 'Pacific/Honolulu',
};

interface Tables {
  /** By Windows name in lower case. */
  readonly iana: ReadonlyMap<string, readonly TimeZoneId[]>;
  readonly windows: ReadonlyMap<TimeZoneId, string>;
}

let built: Tables | undefined;

/** Built at first use: each name costs a look into the machine's zone data. */
function tables(): Tables {
  if (built !== undefined) return built;
  const iana = new Map<string, readonly TimeZoneId[]>();
  const windows = new Map<TimeZoneId, string>();
  for (const [name, zoneNames] of Object.entries(ZONES)) {
    // This machine's own spelling, since `Europe/Kiev` and `Europe/Kyiv` are one zone.
    const zones = zoneNames.split(' ').flatMap((zone) => parseTimeZone(zone) ?? []);
    iana.set(name.toLowerCase(), zones);
    for (const zone of zones) windows.set(zone, name);
  }
  built = { iana, windows };
  return built;
}

/**
 * The IANA zone behind a zone name of Graph's, Windows' or IANA's. Of the zones that one Windows zone
 * stands for it is `preferred` where that is among them. Undefined for names nobody knows, such as
 * `tzone://Microsoft/Custom`.
 */
export function ianaZoneOf(name: string, preferred: TimeZoneId): TimeZoneId | undefined {
  const zones = tables().iana.get(name.toLowerCase());
  if (zones === undefined) return parseTimeZone(name);
  return zones.includes(preferred) ? preferred : zones[0];
}

/** The Windows zone of an IANA one: every Exchange server takes those. */
export function windowsZoneOf(zone: TimeZoneId): string | undefined {
  return tables().windows.get(zone);
}
