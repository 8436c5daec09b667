import { createHash, timingSafeEqual } from 'node:crypto';
import type { TenantId } from '../model/ids.ts';
import type { TenantConfig } from './tenant-config.ts';

/** A tenant whose settings do not do, and why: one sentence a setting, without values. */
export interface RejectedTenant {
  readonly tenantId: TenantId;
  readonly problems: readonly string[];
}

/** The tenants as they are configured. */
export interface TenantSetup {
  readonly tenants: readonly TenantConfig[];
  readonly rejected: readonly RejectedTenant[];
  /** Served to an admin who names no tenant. */
  readonly defaultTenantId?: TenantId;
  /** Hex SHA-256 of each key that opens every tenant. */
  readonly adminKeyHashes: readonly string[];
}

/** Whose key it was. */
export type Principal =
  { readonly kind: 'admin' } | { readonly kind: 'tenant'; readonly tenantId: TenantId };

/** The tenants that run, and who may ask for them. */
export class TenantDirectory {
  readonly defaultTenantId: TenantId | undefined;
  readonly #tenants: ReadonlyMap<TenantId, TenantConfig>;
  readonly #rejected: readonly RejectedTenant[];
  readonly #keys: readonly { readonly hash: Buffer; readonly principal: Principal }[];

  constructor(setup: TenantSetup) {
    this.defaultTenantId = setup.defaultTenantId;
    this.#tenants = new Map(setup.tenants.map((tenant) => [tenant.id, tenant]));
    this.#rejected = setup.rejected;
    const admins = setup.adminKeyHashes.map((hash) => keyOf(hash, { kind: 'admin' }));
    const tenants = setup.tenants.flatMap(({ id, apiKeyHashes }) =>
      apiKeyHashes.map((hash) => keyOf(hash, { kind: 'tenant', tenantId: id })),
    );
    this.#keys = [...admins, ...tenants];
  }

  get(id: TenantId): TenantConfig | undefined {
    return this.#tenants.get(id);
  }

  list(): readonly TenantConfig[] {
    return [...this.#tenants.values()];
  }

  rejected(): readonly RejectedTenant[] {
    return this.#rejected;
  }

  /**
   * Whose key this is. Every known key is compared, over hashes of one length, so that the time it
   * takes tells nothing. Where no key is configured, none opens anything.
   */
  authenticate(key: string): Principal | undefined {
    const hash = createHash('sha256').update(key, 'utf8').digest();
    let found: Principal | undefined;
    for (const known of this.#keys)
      if (timingSafeEqual(known.hash, hash)) found ??= known.principal;
    return found;
  }
}

function keyOf(hexHash: string, principal: Principal): { hash: Buffer; principal: Principal } {
  const hash = Buffer.from(hexHash, 'hex');
  if (hash.length !== 32) throw new RangeError('a hash of an API key is 64 hex digits');
  return { hash, principal };
}
