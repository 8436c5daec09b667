import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BridgeKey, TenantId } from '../model/ids.ts';

/**
 * What a system signs its announcements with: made of our secret, of which it says nothing, for one
 * bridge of one tenant. 64 characters of hex.
 */
export function signingSecretOf(secret: string, tenantId: TenantId, bridge: BridgeKey): string {
  const said = JSON.stringify(['signature', 1, tenantId, bridge]);
  return createHmac('sha256', secret).update(said, 'utf8').digest('hex');
}

/**
 * Whether the header signs the bytes, under the signing secret of one of our secrets:
 * `sha256=` and the HMAC-SHA256 in hex, in whatever case. The time it takes says nothing of how much of
 * it was right.
 */
export function isSigned(
  secrets: readonly string[],
  { tenantId, bridge }: { readonly tenantId: TenantId; readonly bridge: BridgeKey },
  bytes: Uint8Array,
  header: string | undefined,
): boolean {
  const [, hex = ''] = /^sha256=([0-9a-f]{64})$/i.exec(header?.trim() ?? '') ?? [];
  const given = Buffer.from(hex, 'hex');
  const matches = secrets.map((secret) => {
    const key = signingSecretOf(secret, tenantId, bridge);
    const wanted = createHmac('sha256', key).update(bytes).digest();
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return matches.includes(true);
}
