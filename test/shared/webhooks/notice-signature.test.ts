import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BridgeKey, TenantId } from '../../../shared/model/ids.ts';
import { isSigned, signingSecretOf } from '../../../shared/webhooks/notice-signature.ts';

const TOWN = { tenantId: 'town' as TenantId, bridge: 'booking_system' as BridgeKey };
const BYTES = Buffer.from('{"value": [] }\n', 'utf8');

function sign(secret: string, { tenantId, bridge } = TOWN, bytes: Uint8Array = BYTES): string {
  const key = signingSecretOf(secret, tenantId, bridge);
  return `sha256=${createHmac('sha256', key).update(bytes).digest('hex')}`;
}

describe('the signature of notices', () => {
  it('is good under the present secret or the one before, for its tenant and bridge', () => {
    const header = sign('new');
    expect(isSigned(['new'], TOWN, BYTES, header)).toBe(true);
    expect(isSigned(['newer', 'new'], TOWN, BYTES, header)).toBe(true);
    expect(isSigned(['newer'], TOWN, BYTES, header)).toBe(false);
    const other = { ...TOWN, tenantId: 'other' as TenantId };
    expect(isSigned(['new'], other, BYTES, header)).toBe(false);
    expect(isSigned(['new'], { ...TOWN, bridge: 'toy' as BridgeKey }, BYTES, header)).toBe(false);
  });

  it('is of the bytes as they came, not of what they mean', () => {
    const header = sign('new');
    expect(isSigned(['new'], TOWN, Buffer.from('{"value":[]}'), header)).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(isSigned(['new'], TOWN, bytes, sign('new', TOWN, bytes))).toBe(true);
        fc.pre(!BYTES.equals(bytes));
        expect(isSigned(['new'], TOWN, bytes, header)).toBe(false);
      }),
    );
  });

  it('may be in capitals, and is nothing else', () => {
    const header = sign('new');
    expect(
      isSigned(
        ['new'],
        TOWN,
        BYTES,
        header.replace(/=.*/, (hex) => hex.toUpperCase()),
      ),
    ).toBe(true);
    for (const wrong of [undefined, '', 'sha256=', header.slice(7), header.slice(0, -1)])
      expect(isSigned(['new'], TOWN, BYTES, wrong)).toBe(false);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isSigned(['new'], TOWN, BYTES, text)).toBe(false);
        expect(isSigned(['new'], TOWN, BYTES, `sha256=${text}`)).toBe(false);
      }),
    );
  });

  it('is made with a key that does not show the secret', () => {
    const key = signingSecretOf('a secret of the town', TOWN.tenantId, TOWN.bridge);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(key).not.toBe(createHmac('sha256', 'a secret of the town').digest('hex'));
  });
});
