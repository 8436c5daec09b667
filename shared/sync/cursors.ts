import { SIDES, type Side } from '../model/ids.ts';
import type { ControlRows, CursorRow, RowChange } from '../stores/ports.ts';
import type { Reading } from './reading.ts';
import { DAY_MS } from '../model/time.ts';
import type { SnapshotItem } from '../model/snapshot.ts';
import type { PlanState } from './plan/state.ts';

/**
 * The cursor rows that end a pass: how far each side was read, where all of it was applied. After a
 * write to a side, or a look that found something else than the read had shown, its digest is no good
 * in any case: what was read is not what is there now, and if the copy just made were taken away, or
 * what was changed were changed back, the next read would look as if nothing had happened.
 */
export function closingCursors(
  readings: Readonly<Record<Side, Reading>>,
  control: ControlRows,
  pass: { readonly finished: boolean; readonly moved: ReadonlySet<Side | undefined> },
): readonly Extract<RowChange, { kind: 'cursor' }>[] {
  return SIDES.flatMap((side) => {
    const stored = control[side];
    const next = pass.finished ? nextRow(readings[side], stored) : undefined;
    const row = next ?? stored;
    if (pass.moved.has(side) && row?.digest !== undefined)
      return [{ kind: 'cursor' as const, side, row: withoutDigest(row) }];
    return next === undefined ? [] : [{ kind: 'cursor' as const, side, row: next }];
  });
}

/** Sides of which a look by id found an item to be another than the read had shown. */
export function overtakenReads({ snapshots, answers, fingerprints }: PlanState): readonly Side[] {
  return SIDES.filter((side) =>
    snapshots[side].items.some((item) => {
      const answer = answers[side].get(item.id);
      if (answer === undefined || answer.kind === 'unknown') return false;
      if (answer.kind !== 'alive') return true;
      const shown = item.shown.filter((field) => answer.item.shown.includes(field));
      const printOf = ({ event }: SnapshotItem): string =>
        JSON.stringify(fingerprints.of(event, shown));
      return printOf(item) !== printOf(answer.item);
    }),
  );
}

/** Undefined where the stored row says the same, or nearly. */
function nextRow({ next, moved }: Reading, stored: CursorRow | undefined): CursorRow | undefined {
  const kept =
    !moved &&
    stored?.planVersion === next.planVersion &&
    stored.windowVersion === next.windowVersion &&
    // A reconcile asks when a side was last read completely.
    (next.completeAt === undefined || !isOld(stored.completeAt, next.completeAt));
  return kept ? undefined : next;
}

function isOld(stored: number | undefined, now: number): boolean {
  return stored === undefined || now - stored >= DAY_MS / 2;
}

function withoutDigest(row: CursorRow): CursorRow {
  const { digest: _, ...rest } = row;
  return rest;
}
