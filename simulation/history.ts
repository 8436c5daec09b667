import { otherSide, SIDES } from '../shared/model/ids.ts';
import type { ConflictPolicy, Direction } from '../shared/model/pair.ts';
import { ANNOUNCING, DRAWN, type FaultName } from './faults.ts';
import { Random } from './random.ts';

export type BridgeName = 'outlook' | 'booking_system' | 'booking_two';

/** One end of a pair: a room's mailbox, or the number of a room of one of two booking systems. */
export interface Place {
  readonly bridge: BridgeName;
  readonly room: number;
}

export interface PairPlan {
  /** Number of its tenant, from 1. */
  readonly tenant: number;
  readonly a: Place;
  readonly b: Place;
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
}

/** What a person does, in one of the two systems; numbers choose among what is there. */
export const OPERATIONS = [
  'create',
  'create-twin',
  'create-all-day',
  'create-at-edge',
  'create-shared',
  'rename',
  'rename-both',
  'describe',
  'blank',
  'reschedule',
  'leave-window',
  'swap',
  'remove',
  'remove-shared-copy',
  'quarrel',
  'restore',
  'restore-both',
  'restore-against-edit',
  'move-room',
  'move-away',
  'move-back',
  'paste',
  'end-foreign',
  'create-soon',
] as const;

export type OperationName = (typeof OPERATIONS)[number];

export interface Operation {
  /** How long after the one before it, in ms. */
  readonly afterMs: number;
  readonly kind: OperationName;
  /** Index of the pair. */
  readonly pair: number;
  readonly side: 'a' | 'b';
  readonly pick: number;
  readonly slot: number;
  /** Whoever did it has both sides made equal at once, as by the button of a page. */
  readonly asksForRun?: true;
  /** It is about what the first operation with the same number has made. */
  readonly episode?: number;
}

/** All that a history is made of, but for the order of steps: that is drawn as it goes. */
export interface History {
  readonly seed: number;
  readonly tenants: number;
  readonly pairs: readonly PairPlan[];
  /** Clock skew of each worker in ms. */
  readonly skewsMs: readonly number[];
  readonly faults: ReadonlySet<FaultName>;
  readonly faultRate: number;
  /** Cap of the number of faults; set where a failing history is made shorter. */
  readonly faultsMost?: number;
  /** Graph announces what changes in its rooms. */
  readonly isAnnounced: boolean;
  /** People take times that are free in both systems only. */
  readonly isPolite: boolean;
  readonly operations: readonly Operation[];
}

/** Times that people use; few, so that they meet. */
export const SLOTS = 12;
/** The first of those that only episodes use. */
const EPISODE_SLOT = 24;

const MINUTE_MS = 60_000;

/** What a run of histories is about: these faults alone, come as often as that, and these acts. */
export interface Focus {
  readonly faults: readonly FaultName[];
  /** Chance of a fault at each step that can have one. */
  readonly rate: number;
  /** Beside creating events; all but the rare ones where it is left out. */
  readonly acts?: readonly OperationName[];
  /** How often an event is created, against some 10 for each other act; 26 where it is left out. */
  readonly creates?: number;
}

/**
 * The history of a seed. Each one has another small world and, as in swarm testing (Groce et al.,
 * 2012), another random part of the faults and operations: what is always there hides what is not.
 */
export function historyOf(seed: number, focus?: Focus): History {
  const random = new Random(seed);
  const tenants = random.weighted({ 2: 90, 3: 7, 4: 3 });
  const tenantCount = Number(tenants);
  const pairs = Array.from({ length: tenantCount }, (_, index) =>
    pairsOf(index + 1, index === 0, random),
  ).flat();
  const workers = random.chance(0.7) ? 2 : 3;
  const drawn = random.chance(0.1) ? [] : DRAWN.filter(() => random.chance(0.4));
  const faults = new Set(focus?.faults ?? drawn);
  if (faults.has('delta-gone-in-paging')) faults.add('short-pages');
  const isSkewed = random.chance(0.3);
  if (isSkewed) faults.add('clock-skew');
  const skew = (): number => (isSkewed ? random.between(-5 * 60, 5 * 60) * 1000 : 0);
  const skewsMs = Array.from({ length: workers }, skew);
  const drawnRate = random.pick([0.03, 0.06, 0.1]);
  return {
    seed,
    tenants: tenantCount,
    pairs,
    skewsMs,
    faults,
    faultRate: focus?.rate ?? drawnRate,
    isAnnounced: false,
    isPolite: random.chance(0.6),
    operations: [...operationsOf(pairs.length, random, focus), ...episodesOf(pairs, random)],
  };
}

/** Of so many seeds in a row one has its changes announced, where any have. */
const ANNOUNCED_EACH = 12;

/** Which histories a command plays. */
export interface Choice {
  readonly focus?: Focus | undefined;
  /** In some of them changes are announced. */
  readonly isMixed: boolean;
}

export function chosenHistoryOf(seed: number, { focus, isMixed }: Choice): History {
  return isMixed ? mixedHistoryOf(seed, focus) : historyOf(seed, focus);
}

/** As `historyOf`, but in every twelfth seed Graph announces what changes, with faults of its own. */
export function mixedHistoryOf(seed: number, focus?: Focus): History {
  const history = historyOf(seed, focus);
  return seed % ANNOUNCED_EACH === ANNOUNCED_EACH - 1 ? announced(history) : history;
}

export function announced(history: History): History {
  const random = new Random(history.seed ^ 0xa0_0c);
  const faults = new Set(history.faults);
  if (faults.size > 0) for (const name of ANNOUNCING) if (random.chance(0.9)) faults.add(name);
  return { ...history, faults, isAnnounced: true };
}

function pairsOf(tenant: number, isFirst: boolean, random: Random): PairPlan[] {
  const count = Number(random.weighted({ 1: 85, 2: isFirst ? 12 : 5, 3: isFirst ? 4 : 2, 5: 1 }));
  return Array.from({ length: count }, (_, index): PairPlan => {
    const room = index * 2 + 1;
    const ends = random.weighted({ ob: 20, bo: 30, bb: 42, oo: 8 });
    return {
      tenant,
      a: { bridge: ends.startsWith('o') ? 'outlook' : 'booking_system', room },
      b: { bridge: ends.endsWith('o') ? 'outlook' : 'booking_two', room: room + 1 },
      direction: random.weighted({ both: 80, aToB: 10, bToA: 10 }),
      conflictPolicy: random.weighted({
        lastModified: 4,
        a: 3,
        b: 3,
        flag: ends === 'bb' ? 10 : 3,
      }),
    };
  });
}

const WEIGHTS: Readonly<Record<OperationName, number>> = {
  create: 26,
  'create-twin': 4,
  'create-all-day': 3,
  'create-at-edge': 2,
  'create-shared': 6,
  rename: 12,
  'rename-both': 2,
  describe: 6,
  blank: 2,
  reschedule: 10,
  'leave-window': 1,
  swap: 5,
  remove: 14,
  'remove-shared-copy': 1,
  quarrel: 8,
  restore: 10,
  'restore-both': 4,
  'restore-against-edit': 1,
  'move-room': 3,
  'move-away': 3,
  'move-back': 3,
  paste: 3,
  'end-foreign': 2,
  'create-soon': 10,
};

/** These come only where a run of histories is about them. */
const RARE: ReadonlySet<string> = new Set<OperationName>(['create-soon']);

/** What must come in this order, each heard of before the next, to reach the rare cells of the table. */
interface Episode {
  readonly weight: number;
  /** Both systems can make an ended event active again. */
  readonly needsBoth: boolean;
  readonly acts: readonly (readonly [OperationName, 'here' | 'there'])[];
}

const EPISODES: readonly Episode[] = [
  {
    weight: 18,
    needsBoth: true,
    acts: [
      ['create-shared', 'here'],
      ['remove-shared-copy', 'there'],
      ['restore', 'there'],
    ],
  },
  {
    weight: 7,
    needsBoth: true,
    acts: [
      ['create-shared', 'here'],
      ['remove-shared-copy', 'there'],
      ['restore-against-edit', 'there'],
    ],
  },
  {
    weight: 10,
    needsBoth: true,
    acts: [
      ['create', 'here'],
      ['remove', 'here'],
      ['restore-both', 'here'],
    ],
  },
  {
    weight: 4,
    needsBoth: false,
    acts: [
      ['create', 'here'],
      ['remove', 'here'],
      ['restore', 'here'],
    ],
  },
  {
    weight: 1,
    needsBoth: false,
    acts: [
      ['create', 'here'],
      ['quarrel', 'here'],
      ['restore', 'here'],
    ],
  },
  {
    weight: 1,
    needsBoth: false,
    acts: [
      ['create', 'here'],
      ['rename-both', 'here'],
    ],
  },
];

const EPISODES_OF_EACH = 3;

function episodesOf(pairs: readonly PairPlan[], random: Random): Operation[] {
  const all = [...pairs.keys()];
  const open = all.filter((index) =>
    SIDES.every((side) => pairs[index]?.[side].bridge !== 'outlook'),
  );
  return Array.from({ length: EPISODES_OF_EACH }, (_, episode) => {
    // Mostly where everything can happen.
    const isOpen = random.chance(0.7) && open.length > 0;
    const index = random.pick(isOpen ? open : all);
    const plan = pairs[index];
    const sides = SIDES.filter((side) => plan?.[side].bridge !== 'outlook');
    const possible = EPISODES.filter(({ needsBoth }) => !needsBoth || sides.length === 2);
    const here = sides.length === 0 ? 'a' : random.pick(sides);
    const pick = random.int(1 << 16);
    const weights = Object.fromEntries(possible.map(({ weight }, number) => [number, weight]));
    const { acts } = possible[Number(random.weighted(weights))] ?? { acts: [] };
    return acts.map(([kind, where]): Operation => ({
      afterMs: 20_000 + random.int(30_000),
      asksForRun: true,
      episode,
      kind,
      pair: index,
      side: where === 'here' ? here : otherSide(here),
      pick,
      slot: EPISODE_SLOT + random.int(SLOTS),
    }));
  }).flat();
}

/** How many acts most histories have beside their episodes; those that are about something, more. */
const ACTS = { usual: [14, 16], focused: [20, 24] } as const;

function operationsOf(pairs: number, random: Random, focus: Focus | undefined): Operation[] {
  const { acts = OPERATIONS.filter((name) => !RARE.has(name)), creates = WEIGHTS.create } =
    focus ?? {};
  const [least, most] = focus === undefined ? ACTS.usual : ACTS.focused;
  const count = random.chance(0.985) ? random.between(least, most) : random.between(25, 170);
  // What is not drawn at all takes no numbers from the others.
  const known = Object.entries(WEIGHTS).filter(
    ([name]) => !RARE.has(name) || acts.some((act) => act === name),
  );
  const weights = Object.fromEntries(
    known.map(([name, weight]) => [
      name,
      // A kind that is off leaves its share to the others; one that is loud takes more.
      name === 'create'
        ? creates
        : Number(random.weighted({ 0: 25, [weight]: 55, [weight * 4]: 20 })) *
          (acts.some((act) => act === name) ? 1 : 0),
    ]),
  ) as Record<OperationName, number>;
  const restMs = Math.round((10 * MINUTE_MS) / count);
  return Array.from({ length: count }, (_, index): Operation => {
    const operation = drawnOperation(index, pairs, { random, restMs, weights });
    // It is over before a timer would come to it.
    return operation.kind === 'create-soon' ? { ...operation, asksForRun: true } : operation;
  });
}

interface DrawOperation {
  readonly random: Random;
  readonly restMs: number;
  readonly weights: Record<OperationName, number>;
}

function drawnOperation(
  index: number,
  pairs: number,
  { random, restMs, weights }: DrawOperation,
): Operation {
  return {
    // The first ones are there before the first pass; later ones come in bursts.
    afterMs: index < 6 || random.chance(0.5) ? random.int(3000) : random.int(restMs * 4),
    kind: index < 6 ? 'create' : random.weighted(weights),
    pair: random.int(pairs),
    side: random.pick(['a', 'b'] as const),
    pick: random.int(1 << 16),
    slot: random.int(SLOTS),
  };
}
