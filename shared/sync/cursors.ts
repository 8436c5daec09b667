import { SIDES, type Side } from '../model/ids.ts';
import type { ControlRows, CursorRow, RowChange } from '../stores/ports.ts';
import type { Reading } from './reading.ts';
import { DAY_MS } from '../model/time.ts';

/**
 * The cursor rows that end a pass: how far each side was read, where all of it was applied. After a
 * write to a side its digest is no good in any case: what was read is not what is there now, and if
 * the copy just made were taken away, the next read would look as if nothing had happened.
 */
export function closingCursors(
  readings: Readonly<Record<Side, Reading>>,
  control: ControlRows,
  pass: { readonly finished: boolean; readonly written: ReadonlySet<Side | undefined> },
): readonly Extract<RowChange, { kind: 'cursor' }>[] {
  return SIDES.flatMap((side) => {
    const stored = control[side];
    const next = pass.finished ? nextRow(readings[side], stored) : undefined;
    const row = next ?? stored;
    if (pass.written.has(side) && row?.digest !== undefined)
      return [{ kind: 'cursor' as const, side, row: withoutDigest(row) }];
    return next === undefined ? [] : [{ kind: 'cursor' as const, side, row: next }];
  });
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
