import type { CalendarBridge } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { otherSide, type ExternalId, type ResourceId, type Side } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ControlRows, CursorRow, WindowRow } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import { InvariantError } from '../util/invariant.ts';
import type { Ledger } from './ledger.ts';
import type { Fingerprinter } from './plan/fingerprint.ts';

/** One end of a pair at work. */
export interface SideAccess {
  readonly bridge: CalendarBridge;
  readonly resource: ResourceId;
}

/** What one side showed, and the cursor row to keep once everything of it is applied. */
export interface Reading {
  readonly snapshot: Snapshot;
  readonly next: CursorRow;
  /** The row to write differs from the stored one in more than the age of its cursor. */
  readonly moved: boolean;
  /** Ids this read told something new about; `all` where only a comparison could tell. */
  readonly told: ReadonlySet<ExternalId> | 'all';
}

/** A fault of one side, so that the pair's status names it, or of both at once. */
export class SideError extends Error {
  override readonly name = 'SideError';
  readonly side: Side;
  readonly error: BridgeError;
  readonly other: SideError | undefined;

  constructor(side: Side, error: BridgeError, other?: SideError) {
    super(`side ${side}: ${error.message}`, { cause: error });
    this.side = side;
    this.error = error;
    this.other = other;
  }
}

/**
 * Does the work on both sides at once, and waits for both: nothing runs on when the lease is given
 * back, and what either side asks for is heard.
 * @throws whatever is no fault of a side first; else one SideError for all that failed.
 */
export async function onBothSides<T>(
  work: (side: Side) => Promise<T>,
): Promise<Readonly<Record<Side, T>>> {
  const [a, b] = await Promise.allSettled([work('a'), work('b')]);
  const failures: unknown[] = [a, b].flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const faults = failures.filter((failure) => failure instanceof SideError);
  const [first, second] = faults;
  if (faults.length < failures.length)
    throw failures.find((failure) => !(failure instanceof SideError));
  if (first !== undefined) throw new SideError(first.side, first.error, second);
  if (a.status === 'rejected' || b.status === 'rejected')
    throw new InvariantError('a side that failed has said why');
  return { a: a.value, b: b.value };
}

export interface ReadingPlan {
  readonly sides: Readonly<Record<Side, SideAccess>>;
  readonly control: ControlRows;
  readonly window: WindowRow;
  readonly planVersion: string;
  readonly fingerprints: Fingerprinter;
  readonly complete: boolean;
  readonly now: Instant;
}

/**
 * Reads one side, and the other only where the first shows something new; else undefined.
 * @throws SideError, LeaseLostError
 */
export async function readIfMoved(
  plan: ReadingPlan,
  first: Side,
  ledger: Ledger,
): Promise<Readonly<Record<Side, Reading>> | undefined> {
  const reading = await readSide(plan, first, ledger);
  if (!reading.moved) return undefined;
  const rest = await readSide(plan, otherSide(first), ledger);
  return first === 'a' ? { a: reading, b: rest } : { a: rest, b: reading };
}

/**
 * Reads both sides: one request each where nothing changed.
 * @throws SideError, LeaseLostError
 */
export async function readBoth(
  plan: ReadingPlan,
  ledger: Ledger,
): Promise<Readonly<Record<Side, Reading>>> {
  return await onBothSides((side) => readSide(plan, side, ledger));
}

async function readSide(plan: ReadingPlan, side: Side, ledger: Ledger): Promise<Reading> {
  const { bridge, resource } = plan.sides[side];
  const stored = plan.control[side];
  const fresh =
    !plan.complete &&
    stored?.planVersion === plan.planVersion &&
    stored.windowVersion === plan.window.version;
  const read = async (cursor: string | undefined): Promise<Snapshot> =>
    await bridge.readChanges(resource, cursor, plan.window, ledger.context);
  try {
    let isExpired = false;
    const snapshot = await read(fresh ? stored.cursor : undefined).catch(async (error: unknown) => {
      if (!(error instanceof BridgeError) || error.kind !== 'cursor-expired') throw error;
      isExpired = true;
      return await read(undefined);
    });
    const reading = readingOf(plan, snapshot, fresh ? stored : undefined);
    // The cursor that expired must not be kept, even where nothing else is new.
    return isExpired ? { ...reading, moved: true } : reading;
  } catch (error) {
    throw error instanceof BridgeError ? new SideError(side, error) : error;
  }
}

function readingOf(plan: ReadingPlan, snapshot: Snapshot, stored: CursorRow | undefined): Reading {
  const { window, planVersion, now } = plan;
  const base = {
    windowVersion: window.version,
    planVersion,
    ...(snapshot.cursor === undefined ? {} : { cursor: snapshot.cursor }),
  };
  if (snapshot.kind === 'changes') {
    const told = new Set([
      ...snapshot.items.map(({ id }) => id),
      ...snapshot.removed,
      ...seriesToldOn(snapshot),
    ]);
    const completeAt = stored?.completeAt === undefined ? {} : { completeAt: stored.completeAt };
    return { snapshot, next: { ...base, ...completeAt }, moved: told.size > 0, told };
  }
  const digest = digestOf(plan.fingerprints, snapshot.items);
  const same = stored?.digest === digest;
  return {
    snapshot,
    next: { ...base, digest, completeAt: now },
    moved: !same,
    told: same ? new Set() : 'all',
  };
}

/** The masters of the series that were told again. */
export function seriesToldOn(snapshot: Snapshot): readonly ExternalId[] {
  if (snapshot.kind === 'complete') return [];
  return snapshot.seriesScopes.map(({ masterId }) => masterId);
}

/** Equal for two complete reads exactly where they showed the same items in the same versions. */
function digestOf(fingerprints: Fingerprinter, items: Snapshot['items']): string {
  const rows = items.map(({ id, version }) => JSON.stringify([id, version])).sort();
  return fingerprints.digest(rows.join('\n'));
}
