import { createHash } from 'node:crypto';
import type { Brand } from '../util/brand.ts';

/** A municipality. Lower case letters, digits, `_` and `-`. */
export type TenantId = Brand<string, 'TenantId'>;
/** A room or calendar as its own system names it: a mailbox address, a resource number. */
export type ResourceId = Brand<string, 'ResourceId'>;
/** An item as its own system names it (a Graph id; `event:12`, `allocation:3`, `booking:7`). */
export type ExternalId = Brand<string, 'ExternalId'>;
/** A resource mapping, short pair: a hash of the tenant and both of its ends. */
export type PairId = Brand<string, 'PairId'>;
/** An event mapping: `m:{side}:{hash of the first origin id}`; at once its row key. */
export type MappingId = Brand<string, 'MappingId'>;
/** One pass over one pair. */
export type RunId = Brand<string, 'RunId'>;
/** The registered name of a calendar system: `outlook`, `booking_system`, `memory`, … */
export type BridgeKey = Brand<string, 'BridgeKey'>;

/** In the place of a tenant: what is of the service itself. No tenant has such an id. */
export const SERVICE = '~service' as TenantId;

/** The two ends of a pair, fixed when it is made. */
export type Side = 'a' | 'b';

export const SIDES: readonly Side[] = ['a', 'b'];

export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a';
}

/** One end of a pair. */
export interface Endpoint {
  readonly bridge: BridgeKey;
  readonly resource: ResourceId;
}

/** 43 characters that are safe in table keys, whatever the id holds (`/ + =` in Graph's). */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}

/** The same for an id in whatever case: systems ignore it. */
export function resourceHashOf(resource: ResourceId): string {
  return hashOf(resource.toLowerCase());
}

export function mappingIdOf(origin: Side, firstOriginId: ExternalId): MappingId {
  return `m:${origin}:${hashOf(firstOriginId)}` as MappingId;
}

/** The same pair whichever end is named first, so that a reversed duplicate is found. */
export function pairIdOf(tenantId: TenantId, one: Endpoint, other: Endpoint): PairId {
  const ends = [one, other]
    .map(({ bridge, resource }) => JSON.stringify([bridge, resource.toLowerCase()]))
    .sort();
  return hashOf(JSON.stringify([tenantId, ...ends])).slice(0, 22) as PairId;
}
