import { otherSide, type Side } from '../../model/ids.ts';
import type { EventMapping } from '../../model/mapping.ts';
import { MINUTE_MS } from '../../model/time.ts';
import { change, withoutSent, type Known, type MappingChange } from './mapping-change.ts';

/** A write that was not done, and why; the plan will come to it again. */
export function failed(state: Known, mapping: EventMapping, reason: string): MappingChange {
  return change(mapping, {
    ...mapping,
    state: 'error',
    rule: 'failed',
    reason,
    updatedAt: state.now,
  });
}

/** A create that found its slot taken by something not ours. */
export function slotTaken(
  state: Known,
  mapping: EventMapping,
  target: Side,
  detail: string,
): MappingChange {
  const { createIntent: _, ...rest } = withoutSent(mapping, target);
  const reason = `its time is taken on side ${target}: ${detail}`;
  const isKnown = mapping.state === 'conflict' && mapping.reason === reason;
  return change(mapping, {
    ...rest,
    state: 'conflict',
    owed: [otherSide(target)],
    rule: 'slot-taken',
    reason,
    // What is tried again by every pass, and refused, is no news.
    updatedAt: isKnown ? mapping.updatedAt : state.now,
  });
}

/** How long a copy that was made, and cannot be found, is looked for (rule 6). */
export const LOST_COPY_MS = MINUTE_MS;

/** It was looked for long enough: the next generation can be made at once. */
export function startsAnew(before: EventMapping, after: EventMapping): boolean {
  return before.createIntent !== undefined && after.generation > before.generation;
}

/**
 * The system says the create was made before, but shows no such item. Two looks a minute apart make
 * sure; then the copy counts as ended, and the next generation is made.
 */
export function lost(state: Known, mapping: EventMapping): MappingChange {
  const intent = mapping.createIntent;
  const since = intent?.lostSince;
  const reason = 'the copy was made before, and is not found';
  if (intent === undefined || since === undefined || state.now - since < LOST_COPY_MS)
    return failed(
      state,
      intent === undefined
        ? mapping
        : { ...mapping, createIntent: { ...intent, lostSince: since ?? state.now } },
      reason,
    );
  const { createIntent: _, ...rest } = mapping;
  // Counted on, it would meet one by one whatever was made before the rows of the pair were lost.
  const generation = Math.max(mapping.generation + 1, Math.floor(state.now / MINUTE_MS));
  return failed(state, { ...rest, generation }, reason);
}

/** The item is missed on a side that cannot tell by id whether it is gone. */
export function missed(state: Known, mapping: EventMapping, side: Side): MappingChange | undefined {
  const known = mapping[side];
  if (known === undefined || known.missingSince !== undefined) return undefined;
  return change(mapping, {
    ...mapping,
    [side]: { ...known, missingSince: state.now },
    updatedAt: state.now,
  });
}

/** Made inactive to untie an exchange of slots, or active again. */
export function suspendedOn(
  state: Known,
  mapping: EventMapping,
  side: Side | undefined,
): MappingChange {
  const { suspended: _, ...rest } = mapping;
  return change(mapping, {
    ...rest,
    ...(side === undefined ? {} : { suspended: side }),
    updatedAt: state.now,
  });
}
