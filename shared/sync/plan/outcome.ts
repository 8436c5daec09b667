import type { Field } from '../../model/fields.ts';
import { otherSide, SIDES, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { invariant } from '../../util/invariant.ts';
import { contentFor } from './content.ts';
import { UNSURE_KEY_VERSION } from './fingerprint.ts';
import {
  change,
  ending,
  synced,
  unheld,
  type Known,
  type MappingChange,
} from './mapping-change.ts';
import { withOccurrence } from './occurrences.ts';
import { seed, sideStateOf } from './side-state.ts';
import type {
  CreateAction,
  DeleteAction,
  FlagAction,
  LinkAction,
  PlanState,
  Refusal,
  UnlinkAction,
  UpdateAction,
} from './state.ts';
import { writesAfter } from './thrash.ts';

/** Before a create: the intent, by which its copy is known again if the answer is lost (rule 4). */
export function intended(state: PlanState, action: CreateAction): MappingChange {
  const { target, source, mapping } = action;
  const origin = otherSide(target);
  const ended = ending(mapping, target);
  const content = contentFor(state.capabilities[target], source, state.policy.defaultTitle);
  const sent = { ...source.event, ...content };
  const before = mapping.createIntent?.target === target ? mapping.createIntent : undefined;
  return change(mapping, {
    ...ended,
    ...(action.keeps === undefined ? {} : { kept: true }),
    state: 'pending',
    // Tried again, the copy may be there as it was sent first: what changed since is still to come.
    [origin]: before === undefined ? sideStateOf(state, source, mapping[origin]) : mapping[origin],
    // Until the copy is there, its former one being gone must not be taken for news.
    ...(ended[target] === undefined ? {} : { wanted: target }),
    createIntent: {
      target,
      fingerprint: state.fingerprints.of(sent, ['title', 'slot']),
      at: state.now,
      ...(before?.lostSince === undefined ? {} : { lostSince: before.lostSince }),
    },
    owed: [],
    rule: action.rule,
    updatedAt: state.now,
  });
}

/** After a create, `mapping` being the one with the intent. */
export function created(
  state: Known,
  action: CreateAction,
  mapping: EventMapping,
  item: SnapshotItem,
): MappingChange {
  const origin = otherSide(action.target);
  const made = copied(state, action, mapping, item);
  return {
    ...made,
    mapping: {
      ...made.mapping,
      [origin]: sideStateOf(state, action.source, mapping[origin]),
      [action.target]: sideStateOf(state, item),
    },
  };
}

/** After a create that was answered as a repeat: the copy may differ from what was sent now. */
export function copied(
  state: Known,
  action: CreateAction,
  mapping: EventMapping,
  item: SnapshotItem,
): MappingChange {
  const before = mapping[action.target];
  const { createIntent: _, adopted, ...settled } = mapping;
  // A copy that takes the place of an adopted item is ours.
  const isAdopted = adopted === true && action.target === mapping.origin;
  const index =
    before === undefined ? [] : [{ side: action.target, id: before.id, old: true as const }];
  return change(
    mapping,
    {
      ...synced(settled, state, action),
      ...(isAdopted ? { adopted } : {}),
      [action.target]: asUnsure(sideStateOf(state, item)),
      restores: 0,
      writes: writesAfter(state, action),
    },
    index.filter(({ id }) => id !== item.id),
  );
}

/** Before an update or restore: what it will set, by which it is known again if the answer is lost. */
export function sending(
  state: PlanState,
  { target, source, fields, present }: UpdateAction,
  mapping: EventMapping,
): MappingChange {
  const known = mapping[target];
  invariant(known !== undefined, 'an update has a copy to write to');
  const content = contentFor(state.capabilities[target], source, state.policy.defaultTitle);
  const seen = present === undefined ? {} : state.fingerprints.of(present.event, present.shown);
  // An earlier write that did arrive is known from now on: only one can be remembered as sent.
  const arrived = Object.entries(seen).filter(
    ([field, print]) => known.sent?.[field as Field] === print,
  );
  return change(mapping, {
    ...mapping,
    [target]: {
      ...known,
      fingerprint: { ...known.fingerprint, ...Object.fromEntries(arrived) },
      sent: state.fingerprints.of({ ...source.event, ...content }, fields),
    },
  });
}

/** After an update or restore. */
export function updated(state: Known, action: UpdateAction, item: SnapshotItem): MappingChange {
  const { target, source, mapping } = action;
  const from = otherSide(target);
  const { withheld: _, kept: _k, ...settled } = mapping;
  return change(mapping, {
    ...synced(settled, state, action),
    [from]: sideStateOf(state, source, mapping[from]),
    [target]: writtenState(state, action, item),
    restores: action.kind === 'restore' ? mapping.restores + 1 : 0,
    writes: writesAfter(state, action),
  });
}

/**
 * What the system answered to an update. Where it shows another value in a field that was not written
 * than the decision was made on, somebody changed it in between: that is still to be carried over.
 */
function writtenState(
  state: Known,
  { target, fields, present, mapping }: UpdateAction,
  item: SnapshotItem,
): SideState {
  const known = mapping[target];
  const next = sideStateOf(state, item, known);
  const { fingerprints } = state;
  const isComparable =
    known?.fpVersion === fingerprints.fpVersion && known.keyVersion === fingerprints.keyVersion;
  const before = {
    ...(isComparable ? known.fingerprint : {}),
    ...(present === undefined ? {} : fingerprints.of(present.event, present.shown)),
  };
  const changed = item.shown.filter(
    (field) =>
      !fields.includes(field) &&
      before[field] !== undefined &&
      before[field] !== next.fingerprint[field],
  );
  if (changed.length === 0) return next;
  // Without a version the next read compares the fields.
  const { version: _, ...rest } = next;
  const kept = Object.fromEntries(changed.map((field) => [field, before[field]]));
  return { ...rest, fingerprint: { ...next.fingerprint, ...kept } };
}

/**
 * Before a copy is ended: that the other one is gone. Should it be taken back meanwhile, and we not
 * hear of our own deletion, then it has returned, and is not taken for what a deletion has left.
 */
export function endingCopy(state: Known, { mapping, target }: DeleteAction): MappingChange {
  return change(mapping, { ...ending(mapping, otherSide(target)), updatedAt: state.now });
}

/** After the copy on `target` was ended. Both sides are gone; the row stays as a tombstone. */
export function deleted(state: Known, action: DeleteAction): MappingChange {
  return change(action.mapping, {
    ...ending(ending(ended(action.mapping), 'a'), 'b'),
    state: 'cancelled',
    owed: [],
    rule: action.rule,
    reason: action.reason,
    updatedAt: state.now,
  });
}

export function linked(state: Known, action: LinkAction): MappingChange {
  const { items, mapping, unsure } = action;
  if (action.rule === 'occurrence-matched') return renamed(state, action);
  const sides: Partial<Record<Side, SideState>> = {};
  for (const side of SIDES) {
    const item = items[side];
    if (item === undefined) continue;
    const known = sideStateOf(state, item, mapping[side]);
    sides[side] = unsure === true ? asUnsure(known) : known;
  }
  const { createIntent: _, ...settled } = mapping;
  const index = SIDES.flatMap((side) => {
    const before = mapping[side];
    const now = sides[side];
    if (before === undefined || now === undefined || before.id === now.id) return [];
    return [{ side, id: before.id, old: true as const }];
  });
  return change(
    mapping,
    {
      ...synced(settled, state, action),
      ...sides,
      ...(action.withheld === undefined ? {} : { withheld: true }),
      ...(action.rule === 'adopt' ? { adopted: true } : {}),
      // Nothing was compared yet, so that what is owed still is.
      ...(unsure === true ? { owed: mapping.owed } : {}),
    },
    index,
  );
}

/** An occurrence that goes by another id since its series changed: all else is still to be compared. */
function renamed(state: Known, { items, mapping }: LinkAction): MappingChange {
  const sides = SIDES.flatMap((side) => {
    const [item, known] = [items[side], mapping[side]];
    return item === undefined || known === undefined ? [] : [{ side, item, known }];
  });
  const next = sides.reduce((one, { side, item }) => withOccurrence(one, side, item), mapping);
  const old = sides.map(({ side, known }) => ({ side, id: known.id, old: true as const }));
  return change(mapping, { ...next, updatedAt: state.now }, old);
}

function asUnsure(known: SideState): SideState {
  const { version: _, ...rest } = known;
  return { ...rest, keyVersion: UNSURE_KEY_VERSION };
}

export function unlinked(state: Known, action: UnlinkAction): MappingChange {
  const { createIntent: _, ...mapping } = action.mapping;
  return change(action.mapping, {
    ...action.gone.reduce(ending, ended(mapping)),
    state: 'cancelled',
    owed: [],
    rule: action.rule,
    reason: action.reason,
    updatedAt: state.now,
  });
}

/** What was counted and meant for an event that lives, of one that has ended. */
function ended(mapping: EventMapping): EventMapping {
  const { wanted: _, kept: _k, writes: _w, ...rest } = mapping;
  return unheld(rest);
}

/** Undefined where the same flag stands already. */
export function flagged(state: Known, action: FlagAction): MappingChange | undefined {
  const { mapping, owed, gone, held = {} } = action;
  const same =
    mapping.state === 'conflict' &&
    mapping.rule === action.rule &&
    mapping.reason === action.reason &&
    owed.every((side) => mapping.owed.includes(side)) &&
    SIDES.every((side) => mapping[side]?.held === held[side]) &&
    gone.every((side) => mapping[side]?.gone === true);
  if (same) return undefined;
  const ended = gone.reduce(ending, unheld(mapping));
  const seen = Object.fromEntries(
    SIDES.flatMap((side) => {
      const known = ended[side];
      const id = held[side];
      if (known === undefined || !(owed.includes(side) || id !== undefined)) return [];
      const firstSeenChangedAt = known.firstSeenChangedAt ?? state.now;
      return [[side, { ...known, firstSeenChangedAt, ...(id === undefined ? {} : { held: id }) }]];
    }),
  );
  const flaggedMapping: EventMapping = {
    ...ended,
    ...seen,
    ...(action.wanted === undefined ? {} : { wanted: action.wanted }),
    ...(action.keeps === undefined ? {} : { kept: true }),
    state: 'conflict',
    owed,
    rule: action.rule,
    reason: action.reason,
    updatedAt: state.now,
  };
  const { original } = action;
  return change(
    mapping,
    flaggedMapping,
    original === undefined ? [] : [{ ...original, old: true }],
  );
}

/** Undefined where nothing is new. */
export function refused(state: Known, refusal: Refusal): MappingChange | undefined {
  const { side, item, reason } = refusal;
  const mapping = refusal.mapping ?? seed(state, side, item);
  const alone = mapping[otherSide(side)] === undefined;
  const known = alone ? sideStateOf(state, item, mapping[side]) : mapping[side];
  // What either copy becomes meanwhile is passed by the cursors, and must be looked at afterwards.
  const owed = alone ? (reason === 'rejected' ? [] : mapping.owed) : SIDES;
  const same =
    refusal.mapping?.state === 'refused' &&
    mapping.reason === reason &&
    mapping[side]?.version === known?.version &&
    SIDES.every((one) => mapping[one]?.held === undefined) &&
    owed.every((one) => mapping.owed.includes(one));
  if (same) return undefined;
  return change(mapping, {
    ...unheld({ ...mapping, ...(known === undefined ? {} : { [side]: known }) }),
    owed,
    state: 'refused',
    rule: 'refused',
    reason,
    updatedAt: state.now,
  });
}
