import { describe, expect, it } from 'vitest';
import { TenantDirectory } from '../../../shared/tenants/tenant-directory.ts';
import { hashOfKey } from '../../../shared/tenants/tenant-settings.ts';
import { A, B, KEY_A, KEY_B, SETUP } from '../http/fixture.ts';

describe('the directory of tenants', () => {
  it('knows whose key it is given', () => {
    const directory = new TenantDirectory(SETUP);
    expect(directory.authenticate(KEY_A)).toEqual({ kind: 'tenant', tenantId: A });
    expect(directory.authenticate(KEY_B)).toEqual({ kind: 'tenant', tenantId: B });
    expect(directory.authenticate('the-admin-key-of-all')).toEqual({ kind: 'admin' });
  });

  it.each(['', KEY_A.toUpperCase(), `${KEY_A} `, KEY_A.slice(0, -1), hashOfKey(KEY_A)])(
    'opens nothing to %j',
    (key) => {
      expect(new TenantDirectory(SETUP).authenticate(key)).toBeUndefined();
    },
  );

  it('opens nothing at all where no key is configured', () => {
    const tenants = SETUP.tenants.map((tenant) => ({ ...tenant, apiKeyHashes: [] }));
    const directory = new TenantDirectory({ ...SETUP, tenants, adminKeyHashes: [] });
    for (const key of ['', KEY_A, 'undefined']) expect(directory.authenticate(key)).toBeUndefined();
  });

  it('refuses a hash that is none', () => {
    expect(() => new TenantDirectory({ ...SETUP, adminKeyHashes: ['abc'] })).toThrow(RangeError);
  });

  it('lists the tenants that run', () => {
    const directory = new TenantDirectory(SETUP);
    expect(directory.list().map(({ id }) => id)).toEqual([A, B]);
    expect(directory.get(A)?.id).toBe(A);
    expect(directory.get('nobody' as typeof A)).toBeUndefined();
  });
});
