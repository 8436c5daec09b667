import type { CalendarBridge } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { SIDES, type ExternalId, type ResourceId, type Side } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ControlRows, CursorRow, WindowRow } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
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

/** A fault of one side, so that the pair's status names it. */
export class SideError extends Error {
  override readonly name = 'SideError';
  readonly side: Side;
  readonly error: BridgeError;

  constructor(side: Side, error: BridgeError) {
    super(`side ${side}: ${error.message}`, { cause: error });
    this.side = side;
    this.error = error;
  }
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
 * Reads both sides, always: one request each where nothing changed.
 * @throws SideError, LeaseLostError
 */
export async function readBoth(
  plan: ReadingPlan,
  ledger: Ledger,
): Promise<Readonly<Record<Side, Reading>>> {
  const settled = await Promise.allSettled(SIDES.map((side) => readSide(plan, side, ledger)));
  const [a, b] = settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  if (a === undefined || b === undefined) throw new RangeError('a pair has two sides');
  return { a, b };
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
    const told = new Set([...snapshot.items.map(({ id }) => id), ...snapshot.removed]);
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

/** Equal for two complete reads exactly where they showed the same items in the same versions. */
function digestOf(fingerprints: Fingerprinter, items: Snapshot['items']): string {
  const rows = items.map(({ id, version }) => JSON.stringify([id, version])).sort();
  return fingerprints.digest(rows.join('\n'));
}
