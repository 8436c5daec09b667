import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { contactOf } from '../../model/event.ts';
import type { EventContent } from '../../model/fields.ts';
import { mappingIdOf, otherSide, SIDES, type ExternalId, type Side } from '../../model/ids.ts';
import type { EventMapping, SideState } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { MINUTE_MS } from '../../model/time.ts';
import { UNSURE_KEY_VERSION } from './fingerprint.ts';
import { seed, sideStateOf } from './match.ts';
import { asHeldBy } from './normalise.ts';
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
import { inquire } from './view.ts';

/** A mapping as it is to be stored, with the ids that must lead to it. */
export interface MappingChange {
  readonly mapping: EventMapping;
  readonly index: readonly { readonly side: Side; readonly id: ExternalId; readonly old?: true }[];
}

type Known = Pick<PlanState, 'fingerprints' | 'policy' | 'now'>;

// ---- what is sent

/**
 * What `target` is asked to hold: only fields that were seen, cut to what it can hold. An item whose
 * title may not be shown gets the tenant's default one.
 */
export function contentFor(
  capabilities: BridgeCapabilities,
  source: SnapshotItem,
  defaultTitle: string,
): EventContent {
  const shown = (field: 'title' | 'description' | 'contact'): boolean =>
    source.shown.includes(field);
  const { participants: _, ...event } = source.event;
  const contact = shown('contact') ? contactOf(source.event) : undefined;
  return asHeldBy(
    capabilities,
    {
      ...event,
      title: shown('title') ? event.title : '',
      description: shown('description') ? event.description : '',
      ...(contact === undefined ? {} : { participants: { contact } }),
    },
    defaultTitle,
  );
}

/** The same for every try of one create, another after each copy that ended (rule 6). */
export function idempotencyKeyOf(state: Known, mapping: EventMapping): string {
  return `cb1.${state.fingerprints.digest(`${mapping.id}#${mapping.generation}`)}`;
}

// ---- what is remembered

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
    state: 'pending',
    [origin]: sideStateOf(state, source, mapping[origin]),
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
  const before = mapping[action.target];
  const { createIntent: _, ...settled } = mapping;
  const index =
    before === undefined ? [] : [{ side: action.target, id: before.id, old: true as const }];
  return change(
    mapping,
    {
      ...synced(settled, state, action),
      [action.target]: sideStateOf(state, item),
      restores: 0,
    },
    index.filter(({ id }) => id !== item.id),
  );
}

/** After an update or restore. */
export function updated(state: Known, action: UpdateAction, item: SnapshotItem): MappingChange {
  const { target, source, mapping } = action;
  const from = otherSide(target);
  const { withheld: _, ...settled } = mapping;
  return change(mapping, {
    ...synced(settled, state, action),
    [from]: sideStateOf(state, source, mapping[from]),
    [target]: sideStateOf(state, item, mapping[target]),
    restores: action.kind === 'restore' ? mapping.restores + 1 : 0,
  });
}

/** After the copy on `target` was ended. Both sides are gone; the row stays as a tombstone. */
export function deleted(state: Known, action: DeleteAction): MappingChange {
  return change(action.mapping, {
    ...ending(ending(action.mapping, 'a'), 'b'),
    state: 'cancelled',
    owed: [],
    rule: action.rule,
    reason: action.reason,
    updatedAt: state.now,
  });
}

export function linked(state: Known, action: LinkAction): MappingChange {
  const { items, mapping, unsure } = action;
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
      // Nothing was compared yet, so that what is owed still is.
      ...(unsure === true ? { owed: mapping.owed } : {}),
    },
    index,
  );
}

function asUnsure(known: SideState): SideState {
  const { version: _, ...rest } = known;
  return { ...rest, keyVersion: UNSURE_KEY_VERSION };
}

export function unlinked(state: Known, action: UnlinkAction): MappingChange {
  const { createIntent: _, ...mapping } = action.mapping;
  return change(action.mapping, {
    ...action.gone.reduce(ending, mapping as EventMapping),
    state: 'cancelled',
    owed: [],
    rule: action.rule,
    reason: action.reason,
    updatedAt: state.now,
  });
}

/** Undefined where the same flag stands already. */
export function flagged(state: Known, action: FlagAction): MappingChange | undefined {
  const { mapping, owed, gone } = action;
  const same =
    mapping.state === 'conflict' &&
    mapping.rule === action.rule &&
    mapping.reason === action.reason &&
    owed.every((side) => mapping.owed.includes(side)) &&
    gone.every((side) => mapping[side]?.gone === true);
  if (same) return undefined;
  const ended = gone.reduce(ending, mapping);
  const seen = Object.fromEntries(
    owed.flatMap((side) => {
      const known = ended[side];
      if (known === undefined) return [];
      return [[side, { ...known, firstSeenChangedAt: known.firstSeenChangedAt ?? state.now }]];
    }),
  );
  return change(mapping, {
    ...ended,
    ...seen,
    state: 'conflict',
    owed,
    rule: action.rule,
    reason: action.reason,
    updatedAt: state.now,
  });
}

/** Undefined where nothing is new, and for occurrences: their series' refusal speaks for them. */
export function refused(state: PlanState, refusal: Refusal): MappingChange | undefined {
  const { side, item, reason } = refusal;
  if (reason === 'occurrence-of-series') return undefined;
  const mapping = refusal.mapping ?? seed(inquire(state, new Set()), side, item);
  const alone = mapping[otherSide(side)] === undefined;
  const known = alone ? sideStateOf(state, item, mapping[side]) : mapping[side];
  // What either copy becomes meanwhile is passed by the cursors, and must be looked at afterwards.
  const owed = alone ? mapping.owed : SIDES;
  const same =
    refusal.mapping?.state === 'refused' &&
    mapping.reason === reason &&
    mapping[side]?.version === known?.version &&
    owed.every((one) => mapping.owed.includes(one));
  if (same) return undefined;
  return change(mapping, {
    ...mapping,
    ...(known === undefined ? {} : { [side]: known }),
    owed,
    state: 'refused',
    rule: 'refused',
    reason,
    updatedAt: state.now,
  });
}

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
  const { createIntent: _, ...rest } = mapping;
  return change(mapping, {
    ...rest,
    state: 'conflict',
    owed: [otherSide(target)],
    rule: 'slot-taken',
    reason: `its time is taken on side ${target}: ${detail}`,
    updatedAt: state.now,
  });
}

/** How long a copy that was made, and cannot be found, is looked for (rule 6). */
const LOST_COPY_MS = MINUTE_MS;

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
  return failed(state, { ...rest, generation: mapping.generation + 1 }, reason);
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

// ---- parts

function synced<M extends Omit<EventMapping, 'createIntent' | 'withheld'>>(
  mapping: M,
  state: Known,
  { rule, reason }: { rule: string; reason: string },
): M & EventMapping {
  return {
    ...mapping,
    state: 'synced',
    owed: [],
    rule,
    reason,
    lastSyncedAt: state.now,
    updatedAt: state.now,
  };
}

/** A copy that ends raises the generation, or its next create would be taken for a repeat. */
function ending(mapping: EventMapping, side: Side): EventMapping {
  const known = mapping[side];
  if (known === undefined || known.gone === true) return mapping;
  const { suspended, ...rest } = mapping;
  return {
    ...rest,
    // What has ended must not be made active again.
    ...(suspended === undefined || suspended === side ? {} : { suspended }),
    [side]: { ...known, gone: true },
    generation: mapping.generation + 1,
  };
}

/**
 * With the ids the mapping did not have before. The first id of its origin needs no row of its own:
 * the mapping's key is made from it.
 */
function change(
  before: EventMapping,
  mapping: EventMapping,
  old: readonly { readonly side: Side; readonly id: ExternalId; readonly old: true }[] = [],
): MappingChange {
  const fresh = SIDES.flatMap((side) => {
    const id = mapping[side]?.id;
    const known = id === undefined || id === before[side]?.id;
    return known || mappingIdOf(side, id) === mapping.id ? [] : [{ side, id }];
  });
  return { mapping, index: [...fresh, ...old] };
}
