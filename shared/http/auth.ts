import type { TenantId } from '../model/ids.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Principal, TenantDirectory } from '../tenants/tenant-directory.ts';
import { badRequest, notFound, unauthorized, unavailable } from './problem.ts';

/** The parts of request headers that are asked for; `get` ignores case. */
export interface HeaderReader {
  get(name: string): string | null;
}

/**
 * Who asks, by the key in `X-API-Key`, or `api_key` as clients of the earlier service send it.
 * @throws ApiError 401, the same for no key and for a wrong one.
 */
export function authenticate(headers: HeaderReader, tenants: TenantDirectory): Principal {
  const keys = [headers.get('x-api-key'), headers.get('api_key')];
  const key = keys.find((one) => one !== null && one !== '') ?? undefined;
  const principal = key === undefined ? undefined : tenants.authenticate(key);
  if (principal === undefined) throw unauthorized();
  return principal;
}

/** The tenant a request is about. `byDefault`: nobody named it, which is the deprecated way. */
export interface ResolvedTenant {
  readonly tenant: TenantConfig;
  readonly byDefault: boolean;
}

/** What a request says about its tenant. */
export interface TenantClaims {
  readonly path: string | undefined;
  readonly header: string | undefined;
}

/**
 * A tenant's key is the tenant: path and `X-Tenant-Id` may only agree with it, and another's id is
 * as unknown as one that does not exist. An admin names the tenant in the path, else in
 * `X-Tenant-Id`, else gets the default one.
 * @throws ApiError 404; 400 where an admin names none and there is no default; 503 to an admin where
 *   the tenant's settings are bad.
 */
export function resolveTenant(
  principal: Principal,
  claims: TenantClaims,
  tenants: TenantDirectory,
): ResolvedTenant {
  const claimed = [claims.path, claims.header].filter((one) => one !== undefined);
  if (principal.kind === 'tenant') {
    const tenant = tenants.get(principal.tenantId);
    const agrees = claimed.every((one) => one.toLowerCase() === principal.tenantId);
    if (tenant === undefined || !agrees) throw unknownTenant();
    return { tenant, byDefault: false };
  }
  const named = claimed[0]?.toLowerCase();
  const id = named ?? tenants.defaultTenantId;
  if (id === undefined)
    throw badRequest('name a tenant in the header X-Tenant-Id, since there is no default tenant');
  const tenant = tenants.get(id as TenantId);
  if (tenant !== undefined) return { tenant, byDefault: named === undefined };
  const rejected = tenants.rejected().find(({ tenantId }) => tenantId === id);
  if (rejected === undefined) throw unknownTenant();
  throw unavailable('the settings of this tenant do not do', {
    members: { problems: rejected.problems },
  });
}

function unknownTenant(): Error {
  return notFound('no such tenant');
}

/** Since when the routes without a tenant are deprecated: 1 January 2026 (RFC 9745). */
const DEPRECATION = '@1767225600';

/** Headers that say where the same thing is found with its tenant named. */
export function deprecationHeaders(successor: string): Record<string, string> {
  return { Deprecation: DEPRECATION, Link: `<${successor}>; rel="successor-version"` };
}
