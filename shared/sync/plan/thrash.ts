import { FIELDS } from '../../model/fields.ts';
import { otherSide } from '../../model/ids.ts';
import type { WriteCount } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { stillWanted } from './case.ts';
import { isRetried } from './parked.ts';
import type { CreateAction, FlagAction, PlanState, SyncAction, UpdateAction } from './state.ts';

/** So many writes of what was written before are enough to see that something undoes them. */
const WRITES_MAX = 3;

type Write = CreateAction | UpdateAction;
type Known = Pick<PlanState, 'fingerprints'> & Partial<Pick<PlanState, 'retry'>>;

/**
 * Writes that have been undone again and again become a flag: the two copies are left alone until
 * the side that is carried over really changes, or a person asks for another try. The rest of the
 * pair goes on.
 */
export function withoutThrashing(
  state: PlanState,
  actions: readonly SyncAction[],
): readonly SyncAction[] {
  return actions.map((action) => {
    if (action.kind !== 'create' && action.kind !== 'update' && action.kind !== 'restore')
      return action;
    return writesAfter(state, action).sinceSource > WRITES_MAX ? paused(action) : action;
  });
}

/** The count with this write: from 1 again where its source says something it did not say before. */
export function writesAfter(
  { fingerprints, retry = new Set() }: Known,
  { source, target, mapping }: Write,
): WriteCount {
  const from = otherSide(target);
  const { sinceSource = 0, sources = {} } = mapping.writes ?? {};
  const digest = digestOf(fingerprints, source);
  const isRepeat = sources[from] === digest && !isRetried({ retry }, mapping.id);
  return {
    sinceSource: isRepeat ? sinceSource + 1 : 1,
    sources: { ...sources, [from]: digest },
  };
}

function digestOf(fingerprints: PlanState['fingerprints'], { event, shown }: SnapshotItem): string {
  const fingerprint = fingerprints.of(event, shown);
  return fingerprints.digest(FIELDS.map((field) => fingerprint[field] ?? '').join()).slice(0, 11);
}

function paused(action: Write): FlagAction {
  const { mapping, mappingId, target } = action;
  const what =
    action.kind === 'create'
      ? 'the copy keeps going away'
      : `${action.fields.join(', ')} ${action.fields.length === 1 ? 'keeps' : 'keep'} differing`;
  return {
    kind: 'flag',
    mapping,
    mappingId,
    owed: ['a', 'b'],
    ...stillWanted(action),
    rule: 'thrash',
    reason:
      `written ${WRITES_MAX} times to side ${target} with nothing new on side ` +
      `${otherSide(target)}; ${what}: find out what puts it back, then change the event`,
    ...(action.kind === 'create' && action.keeps === true ? { keeps: true } : {}),
  };
}
