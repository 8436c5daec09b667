import type { Candidate } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { SIDES, type ExternalId, type Side } from '../model/ids.ts';
import type { EventMapping, OldId } from '../model/mapping.ts';
import type { Verdict } from '../model/snapshot.ts';
import type { LeaseFacts, PairRows } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import type { Ledger } from './ledger.ts';
import { planSync } from './plan/plan.ts';
import type { BrakeState, PlanState, Question, SyncPlan } from './plan/state.ts';
import { onBothSides, seriesToldOn, SideError, type Reading, type SideAccess } from './reading.ts';

/** From this many ids on, one range query is cheaper than point reads. */
const POINT_READS_MAX = 20;

/** Looks needed at most: at the item, at its other copy, and again where that changed the question. */
const QUESTION_ROUNDS_MAX = 5;

/** What was loaded for a decision. */
export interface Loaded {
  readonly concerned: PlanState['concerned'];
  readonly old: readonly OldId[];
}

/** What the brake needs to know before it can be sure that nothing trips it. */
export interface LoadNeeds {
  /** Something is held, or asked for by a person. */
  readonly whole: boolean;
  /** With more events than this told at once, the share they are of must be known. */
  readonly toldMax: number;
  /** What is new may be there as a copy that was refused: only the whole pair shows it. */
  readonly isOneWay: boolean;
  readonly now: Instant;
}

/** Loads the mappings that the reads, owed sides and open intents concern. */
export async function loadConcerned(
  rows: PairRows,
  lease: LeaseFacts,
  readings: Readonly<Record<Side, Reading>>,
  ledger: Ledger,
  needs: LoadNeeds,
): Promise<Loaded> {
  const told = SIDES.flatMap((side) => {
    const ids = readings[side].told;
    return ids === 'all' ? [] : [...ids].map((id) => ({ side, id }));
  });
  const all =
    SIDES.some((side) => readings[side].told === 'all') ||
    needs.whole ||
    told.length > Math.min(POINT_READS_MAX, needs.toldMax) ||
    // Of a series only the whole pair shows which of its occurrences are told of no more.
    SIDES.some((side) => seriesToldOn(readings[side].snapshot).length > 0) ||
    // The pass before died, or left a create unanswered: only the whole pair shows what is what.
    lease.passOpen ||
    lease.intents > 0;
  if (all) return await loadAll(rows, ledger);
  const due = await loadDue(rows, lease, ledger, needs.now);
  if (told.length + due.length === 0) return { concerned: { a: new Set(), b: new Set() }, old: [] };
  const { mappings, old } = await rows.loadByIds(told);
  if (hasStranger(readings, mappings, needs.isOneWay) || mayEndSeries(readings, mappings))
    return await loadAll(rows, ledger);
  ledger.note([...due, ...mappings]);
  const idsOn = (side: Side): ReadonlySet<ExternalId> =>
    new Set([
      ...told.filter((one) => one.side === side).map(({ id }) => id),
      ...due.flatMap((mapping) => mapping[side]?.id ?? []),
    ]);
  return { concerned: { a: idsOn('a'), b: idsOn('b') }, old };
}

/** Parked events whose next try has come, though no read tells of them. */
async function loadDue(
  rows: PairRows,
  { parkedDueAt }: LeaseFacts,
  ledger: Ledger,
  now: Instant,
): Promise<readonly EventMapping[]> {
  if (parkedDueAt === undefined || parkedDueAt > now) return [];
  const marks = await rows.loadParked();
  ledger.noteParked(marks);
  const due = marks.filter(({ nextTryAt }) => nextTryAt <= now);
  return await rows.loadMappings(due.map(({ mappingId }) => mappingId));
}

async function loadAll(rows: PairRows, ledger: Ledger): Promise<Loaded> {
  const [mappings, old] = await Promise.all([rows.loadAll(), rows.loadOld()]);
  ledger.noteAll(mappings);
  return { concerned: { a: 'all', b: 'all' }, old };
}

/** What was removed, and has no mapping of its own, may be a series of which many have one. */
function mayEndSeries(
  readings: Readonly<Record<Side, Reading>>,
  mappings: readonly EventMapping[],
): boolean {
  return SIDES.some((side) => {
    const { snapshot } = readings[side];
    const mapped = new Set(mappings.map((mapping) => mapping[side]?.id));
    return snapshot.kind === 'changes' && snapshot.removed.some((id) => !mapped.has(id));
  });
}

/** An unmapped item that has, or may have, our stamp: it names a mapping that is not among these. */
function hasStranger(
  readings: Readonly<Record<Side, Reading>>,
  mappings: readonly EventMapping[],
  isAnyOne: boolean,
): boolean {
  return SIDES.some((side) => {
    const { told, snapshot } = readings[side];
    const mapped = new Set(mappings.map((mapping) => mapping[side]?.id));
    return snapshot.items.some(
      ({ id, stamp }) =>
        (isAnyOne || stamp.state !== 'none') && !mapped.has(id) && (told === 'all' || told.has(id)),
    );
  });
}

/** A plan, and the state with every answer that it was made from. */
export interface AnsweredPlan {
  readonly plan: SyncPlan;
  readonly state: PlanState;
}

/**
 * Plans, looks at what the plan asks about, and plans again until nothing is asked.
 * @throws SideError, LeaseLostError
 */
export async function planWithAnswers(
  first: PlanState,
  sides: Readonly<Record<Side, SideAccess>>,
  ledger: Pick<Ledger, 'context'>,
  othersOf: () => Promise<BrakeState['others']>,
): Promise<AnsweredPlan> {
  let state = first;
  let isTenantKnown = state.brake.others !== undefined;
  for (let round = 0; ; round += 1) {
    const plan = planSync(state);
    if (!isTenantKnown && plan.losses.a + plan.losses.b > 0) {
      isTenantKnown = true;
      const others = await othersOf();
      if (others !== undefined) {
        state = Object.assign({}, state, { brake: { ...state.brake, others } });
        continue;
      }
    }
    if (plan.questions.length === 0 || round === QUESTION_ROUNDS_MAX) return { plan, state };
    const before = state;
    const { a, b } = await onBothSides((side) =>
      answersOn(side, plan.questions, before, sides[side], ledger),
    );
    const answers = {
      a: new Map([...state.answers.a, ...a]),
      b: new Map([...state.answers.b, ...b]),
    };
    state = Object.assign({}, state, { answers });
  }
}

async function answersOn(
  side: Side,
  questions: readonly Question[],
  state: PlanState,
  { bridge, resource }: SideAccess,
  ledger: Pick<Ledger, 'context'>,
): Promise<readonly (readonly [ExternalId, Verdict])[]> {
  const candidates = new Map<ExternalId, Candidate>();
  const ids = new Set<ExternalId>();
  for (const { id, why, missingSince } of questions.filter((question) => question.side === side)) {
    if (why === 'missing' || why === 'suspended' || why === 'held')
      candidates.set(id, {
        id,
        ...(missingSince === undefined ? {} : { missingSince }),
        ...(why === 'suspended' ? { suspended: true as const } : {}),
      });
    else ids.add(id);
  }
  const plain = [...ids].filter((id) => !candidates.has(id));
  try {
    const confirmed =
      candidates.size === 0
        ? []
        : await bridge.confirmGone(
            resource,
            [...candidates.values()],
            state.snapshots[side].window,
            ledger.context,
          );
    const read = plain.length === 0 ? [] : await bridge.readItems(resource, plain, ledger.context);
    return [...candidates.keys(), ...plain].map((id, index) => {
      const verdict = [...confirmed, ...read][index];
      return [id, verdict ?? { kind: 'unknown', reason: 'the bridge gave no answer' }] as const;
    });
  } catch (error) {
    throw error instanceof BridgeError ? new SideError(side, error) : error;
  }
}
