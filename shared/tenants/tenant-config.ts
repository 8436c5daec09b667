import type { BrakeLimits } from '../model/hold.ts';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { TimeZoneId } from '../model/time.ts';

export const LOCALES = ['nb', 'nn', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

/**
 * What one bridge of one tenant is made from: the kind of adapter that serves it, and the values
 * that adapter's own schema checks. Secrets are among them: never log it, never answer with it.
 */
export interface BridgeSettings {
  readonly kind: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Everything the bridge knows of one municipality before it talks to anybody. */
export interface TenantConfig {
  readonly id: TenantId;
  readonly name: string;
  readonly timeZone: TimeZoneId;
  readonly locale: Locale;
  /** How far the sync window reaches back and ahead, in days. */
  readonly windowPastDays: number;
  readonly windowFutureDays: number;
  /** A pass of a pair is due this long after the last one; 0: at every tick of the timers. */
  readonly syncFrequencyMinutes: number;
  /**
   * How often a resource is read whose system announces its changes, in minutes; 0: as often as any.
   */
  readonly slowPollMinutes: number;
  /** Events that are shown as free are copied, and take the room. */
  readonly copiesFree: boolean;
  /** Private events in rooms are copied like any other, not as busy blocks. */
  readonly copiesPrivate: boolean;
  /** When the brake trips; `BRAKE_DEFAULTS` where it is left out. */
  readonly brake?: BrakeLimits;
  readonly priority: 'high' | 'medium' | 'low';
  readonly offsetMinutes: number;
  readonly bridges: ReadonlyMap<BridgeKey, BridgeSettings>;
  /** Hex SHA-256 of each API key that is this tenant. */
  readonly apiKeyHashes: readonly string[];
  /** 32 bytes that fingerprints and idempotency keys are made with. */
  readonly fingerprintKey: Uint8Array;
}
