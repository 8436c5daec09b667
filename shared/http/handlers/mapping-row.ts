import type * as z from 'zod';
import type { Pair } from '../../model/pair.ts';
import { DAY_MS, formatInstant, HOUR_MS } from '../../model/time.ts';
import { toldStatus } from '../../model/told-status.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import type { Instant } from '../../util/clock.ts';
import type { Mapping } from '../schemas/mappings.ts';
import { directionName, policyName } from './mapping-body.ts';

type MappingRow = z.output<typeof Mapping>;

/** A resource mapping as clients read it, each end under both of its names. */
export function renderPair(
  pair: Pair,
  { syncFrequencyMinutes }: Pick<TenantConfig, 'syncFrequencyMinutes'>,
  now: Instant,
): MappingRow {
  const { a, b, nameA = null, nameB = null } = pair;
  const { status, reason = null } = toldStatus(pair, { now, syncFrequencyMinutes });
  return {
    id: pair.id,
    mapping_id: pair.id,
    bridge_from: a.bridge,
    bridge_to: b.bridge,
    resource_id: a.resource,
    resource_name: nameA,
    calendar_id: b.resource,
    calendar_name: nameB,
    source_calendar_id: a.resource,
    source_calendar_name: nameA,
    target_calendar_id: b.resource,
    target_calendar_name: nameB,
    sync_direction: directionName(pair.direction),
    conflict_policy: policyName(pair.conflictPolicy),
    is_active: pair.active,
    sync_enabled: pair.syncEnabled,
    status,
    status_reason: reason,
    brake: brakeOf(pair),
    sync_freshness: freshness(pair.lastSyncedAt, now),
    last_run_at: timeOrNull(pair.lastRunAt),
    last_synced_at: timeOrNull(pair.lastSyncedAt),
    mapped_events: pair.mappedEvents ?? null,
    parked_events: pair.parkedEvents ?? 0,
    created_at: formatInstant(pair.createdAt),
    updated_at: formatInstant(pair.updatedAt),
  };
}

function brakeOf({ brake = {} }: Pair): MappingRow['brake'] {
  const { deletionsMin = null, deletionsPercent = null, createsMin = null } = brake;
  if (deletionsMin === null && deletionsPercent === null && createsMin === null) return null;
  return {
    deletions_min: deletionsMin,
    deletions_percent: deletionsPercent,
    creates_min: createsMin,
  };
}

export function timeOrNull(instant: Instant | undefined): string | null {
  return instant === undefined ? null : formatInstant(instant);
}

function freshness(last: Instant | undefined, now: Instant): MappingRow['sync_freshness'] {
  if (last === undefined) return 'never';
  const ageMs = now - last;
  if (ageMs < HOUR_MS) return 'recent';
  if (ageMs < DAY_MS) return 'daily';
  return ageMs < 7 * DAY_MS ? 'weekly' : 'stale';
}
