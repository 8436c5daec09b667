import type { Side } from '../../model/ids.ts';
import { toldStatus } from '../../model/pair.ts';
import type { EventMapping, MappingState } from '../../model/mapping.ts';
import { formatInstant } from '../../model/time.ts';
import type { Route } from '../route.ts';
import { findPair } from './mappings.ts';
import { directionName, policyName } from './mapping-body.ts';
import { timeOrNull } from './mapping-row.ts';

const STATES: readonly MappingState[] = [
  'pending',
  'synced',
  'error',
  'conflict',
  'cancelled',
  'refused',
];

/** Rows that a person should look at, at most. */
const ATTENTION_MAX = 200;

/**
 * `GET /bridges/resource-mappings/{id}/status`: how the pair is, how many of its events are in which
 * state, and why those are held back that are. Ids, rules and reasons only, no content.
 */
export const mappingStatus: Route<undefined, undefined> = {
  name: 'mappingStatus',
  handle: async ({ tenant, params }, services) => {
    const { pair } = await findPair(tenant, params['id'], services);
    const mappings = await services.rows.forPair(tenant.id, pair.id).loadAll();
    const { status, reason = null } = toldStatus(pair);
    const attention = mappings
      .filter((mapping) => needsAttention(mapping))
      .sort((one, other) => other.updatedAt - one.updatedAt);
    const counts = STATES.map((state) => [
      state,
      mappings.filter((mapping) => mapping.state === state).length,
    ]);
    return {
      body: {
        success: true,
        mapping_id: pair.id,
        status,
        status_reason: reason,
        sync_direction: directionName(pair.direction),
        conflict_policy: policyName(pair.conflictPolicy),
        is_active: pair.active,
        sync_enabled: pair.syncEnabled,
        last_run_at: timeOrNull(pair.lastRunAt),
        last_synced_at: timeOrNull(pair.lastSyncedAt),
        events: { ...(Object.fromEntries(counts) as object), total: mappings.length },
        attention: attention.slice(0, ATTENTION_MAX).map(renderRow),
        attention_total: attention.length,
      },
    };
  },
};

function needsAttention({ state, withheld, owed }: EventMapping): boolean {
  const isHeld = state === 'refused' || state === 'conflict' || state === 'error';
  return isHeld || withheld === true || owed.length > 0;
}

function renderRow(mapping: EventMapping): object {
  const idOf = (side: Side): string | null => mapping[side]?.id ?? null;
  return {
    event_mapping_id: mapping.id,
    status: mapping.state,
    origin: mapping.origin === 'a' ? 'source' : 'target',
    source_event_id: idOf('a'),
    target_event_id: idOf('b'),
    rule: mapping.rule ?? null,
    reason: mapping.reason ?? null,
    last_synced_at: timeOrNull(mapping.lastSyncedAt),
    updated_at: formatInstant(mapping.updatedAt),
  };
}
