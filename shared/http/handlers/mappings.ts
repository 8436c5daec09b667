import type * as z from 'zod';
import type { Endpoint, PairId, ResourceId } from '../../model/ids.ts';
import type { Pair } from '../../model/pair.ts';
import type { PairPatch, StoredPair } from '../../stores/ports.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import { bridgeKeyOf } from '../bridge-lookup.ts';
import { badField, badRequest, notFound } from '../problem.ts';
import { keyedRoute, type Route } from '../route.ts';
import { ChangedMapping, MappingParams, OneMapping } from '../schemas/mappings.ts';
import type { Services } from '../services-port.ts';
import { goOnSoon, subscribeSoon } from './queue-soon.ts';
import {
  type BrakeBody,
  CreateBody,
  directionOf,
  policyOf,
  sourceName,
  targetName,
  UpdateBody,
  type MappingSettings,
} from './mapping-body.ts';
import { checkedMapping } from './mapping-check.ts';
import { MAPPINGS, mappingAliases } from './mapping-paths.ts';
import { renderPair } from './mapping-row.ts';

export const createMapping: Route = keyedRoute({
  name: 'createMapping',
  method: 'POST',
  path: MAPPINGS,
  aliases: mappingAliases(''),
  summary: 'map two resources; one that was deleted lives again with its rows',
  description:
    'Each end under either of its names: `resource_id` or `source_calendar_id`, `calendar_id` or ' +
    '`target_calendar_id`. `source_to_target` writes to `bridge_to`.',
  body: CreateBody,
  answers: { 201: ChangedMapping },
  headers: { 201: ['Location'] },
  problems: [409],
}).handledBy(async ({ tenant, body }, services) => {
  const a = endOf(tenant, body.bridge_from, body.source_calendar_id, services);
  const b = endOf(tenant, body.bridge_to, body.target_calendar_id, services);
  const direction = directionOf(body.sync_direction ?? 'bidirectional');
  const warnings = await checkedMapping({ a, b, direction }, tenant, services);
  const [nameA, nameB] = [sourceName(body), targetName(body)];
  const created = await services.pairs.create({
    tenantId: tenant.id,
    a,
    b,
    ...(nameA === undefined ? {} : { nameA }),
    ...(nameB === undefined ? {} : { nameB }),
    direction,
    conflictPolicy: policyOf(body.conflict_policy ?? 'last_modified'),
    syncEnabled: body.sync_enabled ?? true,
  });
  const { pair } =
    body.is_active === false
      ? await services.pairs.update(tenant.id, created.pair.id, { active: false })
      : created;
  await subscribeSoon(tenant, pair, services);
  return {
    status: 201,
    headers: { Location: `/tenants/${tenant.id}/mappings/resources/${pair.id}` },
    body: {
      success: true,
      mapping_id: pair.id,
      message: 'resource mapping created',
      mapping: renderPair(pair, tenant, services.clock.now()),
      warnings,
    },
  };
});

function endOf(tenant: TenantConfig, name: string, id: string, services: Services): Endpoint {
  return { bridge: bridgeKeyOf(tenant, name, services), resource: id as ResourceId };
}

export const getMapping: Route = keyedRoute({
  name: 'getMapping',
  method: 'GET',
  path: `${MAPPINGS}/{id}`,
  aliases: mappingAliases('/{id}'),
  summary: 'one pair, also one that was deleted',
  params: MappingParams,
  answers: { 200: OneMapping },
}).handledBy(async ({ tenant, params }, services) => {
  const { pair } = await findPair(tenant, params.id, services);
  return { body: { success: true, mapping: renderPair(pair, tenant, services.clock.now()) } };
});

export const updateMapping: Route = keyedRoute({
  name: 'updateMapping',
  method: 'PUT',
  path: `${MAPPINGS}/{id}`,
  aliases: mappingAliases('/{id}'),
  summary: 'change a pair; what is left out stays',
  description: 'A whole mapping may be sent back, but its ends do not change.',
  params: MappingParams,
  body: UpdateBody,
  answers: { 200: ChangedMapping },
  problems: [409],
}).handledBy(async ({ tenant, params, body }, services) => {
  const { pair } = await findPair(tenant, params.id, services);
  refuseOtherEnds(pair, body, tenant, services);
  const patch = patchOf(body, pair);
  if (Object.keys(patch).length === 0)
    throw badRequest('nothing to change: name at least one setting of the mapping');
  const { active = pair.active, direction = pair.direction } = patch;
  // Only what lets events flow anew can close a ring.
  const isOpened = active && (!pair.active || direction !== pair.direction);
  const next = { id: pair.id, a: pair.a, b: pair.b, direction };
  const warnings = isOpened ? await checkedMapping(next, tenant, services) : [];
  const updated = await services.pairs.update(tenant.id, pair.id, patch);
  const isResumed = patch.syncEnabled === true && !pair.syncEnabled;
  if (isOpened || isResumed) await goOnSoon(tenant, updated.pair, services);
  return {
    body: {
      success: true,
      mapping_id: pair.id,
      message: 'resource mapping updated',
      mapping: renderPair(updated.pair, tenant, services.clock.now()),
      warnings,
    },
  };
});

function patchOf(body: MappingSettings & { brake?: BrakeBody }, pair: Pair): PairPatch {
  const [nameA, nameB] = [sourceName(body), targetName(body)];
  return {
    ...(nameA === undefined ? {} : { nameA: nameA === '' ? undefined : nameA }),
    ...(nameB === undefined ? {} : { nameB: nameB === '' ? undefined : nameB }),
    ...(body.sync_direction === undefined ? {} : { direction: directionOf(body.sync_direction) }),
    ...(body.conflict_policy === undefined
      ? {}
      : { conflictPolicy: policyOf(body.conflict_policy) }),
    ...(body.is_active === undefined ? {} : { active: body.is_active }),
    ...(body.sync_enabled === undefined ? {} : { syncEnabled: body.sync_enabled }),
    ...(body.brake === undefined ? {} : { brake: brakeOf(body.brake, pair) }),
  };
}

/** The pair's own limits after the change; undefined where none is left. */
function brakeOf(body: BrakeBody, { brake: before = {} }: Pair): PairPatch['brake'] {
  const { deletions_min: deletionsMin, deletions_percent: deletionsPercent } = body ?? {};
  const changes = { deletionsMin, deletionsPercent, createsMin: body?.creates_min };
  const members = Object.entries(changes).filter(
    ([, value]) => body === null || value !== undefined,
  );
  const wanted = { ...before, ...Object.fromEntries(members) };
  const kept = Object.entries(wanted).filter(([, value]) => value !== undefined && value !== null);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** The ends are what a mapping is; another room is another mapping. */
function refuseOtherEnds(
  { a, b }: Pair,
  body: z.infer<typeof UpdateBody>,
  tenant: TenantConfig,
  services: Services,
): void {
  const keyOf = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : bridgeKeyOf(tenant, name, services);
  const checks: readonly [string, string | undefined, string][] = [
    ['bridge_from', keyOf(body.bridge_from), a.bridge],
    ['bridge_to', keyOf(body.bridge_to), b.bridge],
    ['resource_id', body.resource_id, a.resource],
    ['source_calendar_id', body.source_calendar_id, a.resource],
    ['calendar_id', body.calendar_id, b.resource],
    ['target_calendar_id', body.target_calendar_id, b.resource],
  ];
  for (const [field, sent, present] of checks)
    if (sent !== undefined && sent.toLowerCase() !== present.toLowerCase())
      throw badField(field, 'the ends of a mapping do not change: delete it and make another');
}

/**
 * The tenant's mapping of this id.
 * @throws ApiError 404, also for another tenant's.
 */
export async function findPair(
  tenant: TenantConfig,
  id: string,
  services: Services,
): Promise<StoredPair> {
  const isId = /^[A-Za-z0-9_-]{1,64}$/.test(id);
  const stored = isId ? await services.pairs.get(tenant.id, id as PairId) : undefined;
  if (stored === undefined) throw notFound('no such resource mapping');
  return stored;
}
