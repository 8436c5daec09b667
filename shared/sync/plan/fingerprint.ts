import { createHmac, createSecretKey } from 'node:crypto';
import type { CalendarEvent } from '../../model/event.ts';
import { FIELDS, type Field } from '../../model/fields.ts';
import type { Fingerprint } from '../../model/mapping.ts';
import type { NativeVersion } from '../../model/snapshot.ts';
import type { TimeZoneId } from '../../model/time.ts';
import { FP_VERSION, normalised } from './normalise.ts';

/**
 * Keyed hashes that stand for content at rest: equal content gives equal hashes under one key, and
 * without the key nothing can be read from, or guessed against, them (rule 2).
 */
export interface Fingerprinter {
  readonly fpVersion: number;
  readonly keyVersion: string;
  /** Hashes of the named fields; others are left out as unknown. */
  of(event: CalendarEvent, shown: readonly Field[]): Fingerprint;
  /** What is stored of a native version. Raw rows are only comparable under one key. */
  versionTag(version: NativeVersion): string;
  /** Hash of any other text, for idempotency keys and digests. */
  digest(text: string): string;
}

/**
 * Key version of fingerprints that compare with nothing: a copy that was found again, and may have
 * been edited since it was made, so that what the copies hold must decide.
 */
export const UNSURE_KEY_VERSION = '';

export function fingerprinter(key: Uint8Array, zone: TimeZoneId): Fingerprinter {
  // Made once: from bytes, each hash would make it anew, at four times the cost.
  const secret = createSecretKey(key);
  const hmac = (text: string): Buffer => createHmac('sha256', secret).update(text, 'utf8').digest();
  const keyVersion = hmac('key version').subarray(0, 6).toString('base64url');
  return {
    fpVersion: FP_VERSION,
    keyVersion,
    of: (event, shown) =>
      Object.fromEntries(
        FIELDS.filter((field) => shown.includes(field)).map((field) => [
          field,
          hmac(`${field}\n${normalised(event, field, zone)}`)
            .subarray(0, 8)
            .toString('base64url'),
        ]),
      ),
    versionTag: (version) =>
      'etag' in version
        ? `e:${version.etag}`
        : `r:${keyVersion}:${hmac(version.raw).subarray(0, 12).toString('base64url')}`,
    digest: (text) => hmac(text).toString('base64url'),
  };
}
