import type { BridgeKey, Endpoint, PairId, ResourceId } from './ids.ts';
import type { Direction, Pair } from './pair.ts';

/** A pair that somebody is about to save; `id` where it is one that exists. */
export interface CandidatePair {
  readonly id?: PairId;
  readonly a: Endpoint;
  readonly b: Endpoint;
  readonly direction: Direction;
}

/** Names of one and the same calendar: a mailbox by its addresses and ids, for one. */
export interface ResourceNames {
  readonly bridge: BridgeKey;
  readonly names: readonly ResourceId[];
}

/**
 * `self`: both ends are one resource. `same-mailbox`: they are, by two of its names. `duplicate`:
 * the two are a pair already. `cycle`: what is copied would come back to where it was born, and be
 * copied again without end. `shared`: one end is in other pairs too, which may be meant.
 */
export interface MappingProblem {
  readonly kind: 'self' | 'same-mailbox' | 'duplicate' | 'cycle' | 'shared';
  /** An `error` must not be saved. */
  readonly severity: 'error' | 'warning';
  /** The other pairs that have part in it; of a cycle in the order that events take. */
  readonly pairIds: readonly PairId[];
  readonly message: string;
}

/**
 * What is wrong with a pair before it is saved, given all of its tenant's pairs. Soft-deleted ones
 * do not count; paused ones do.
 */
export function mappingProblems(
  pairs: readonly Pair[],
  candidate: CandidatePair,
  knownNames: readonly ResourceNames[] = [],
): readonly MappingProblem[] {
  const nodeOf = namer(knownNames);
  const [a, b] = [nodeOf(candidate.a), nodeOf(candidate.b)];
  if (a === b) return [selfProblem(candidate)];
  const others = pairs.filter(({ id, active }) => active && id !== candidate.id);
  const ends = others.map((pair) => ({ pair, a: nodeOf(pair.a), b: nodeOf(pair.b) }));
  const duplicates = ends.filter((other) => isSame(other, { a, b }));
  const rest = ends.filter((other) => !isSame(other, { a, b }));
  const edges = rest.flatMap((other) => edgesOf(other, other.pair));
  const cycle =
    (candidate.direction === 'bToA' ? undefined : pathBetween(edges, b, a)) ??
    (candidate.direction === 'aToB' ? undefined : pathBetween(edges, a, b));
  return [
    ...duplicates.map(({ pair }) => duplicateProblem(pair)),
    ...(cycle === undefined ? [] : [cycleProblem(cycle)]),
    ...sharedProblems(candidate, rest, { a, b }),
  ];
}

interface Ends {
  readonly a: string;
  readonly b: string;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly pair: Pair;
}

/** One text for each calendar, whatever it is called. Ids of resources ignore case. */
function namer(knownNames: readonly ResourceNames[]): (end: Endpoint) => string {
  const plain = (bridge: BridgeKey, name: ResourceId): string =>
    JSON.stringify([bridge, name.trim().toLowerCase()]);
  const first = new Map<string, string>();
  for (const { bridge, names } of knownNames) {
    const keys = names.map((name) => plain(bridge, name));
    const known = keys.map((key) => first.get(key)).find((one) => one !== undefined) ?? keys[0];
    if (known === undefined) continue;
    const merged = new Set(keys.flatMap((key) => first.get(key) ?? []));
    for (const [key, one] of first) if (merged.has(one)) first.set(key, known);
    for (const key of keys) first.set(key, known);
  }
  return ({ bridge, resource }) => {
    const key = plain(bridge, resource);
    return first.get(key) ?? key;
  };
}

function isSame(one: Ends, other: Ends): boolean {
  return (one.a === other.a && one.b === other.b) || (one.a === other.b && one.b === other.a);
}

function edgesOf({ a, b }: Ends, pair: Pair): readonly Edge[] {
  const forth: Edge = { from: a, to: b, pair };
  const back: Edge = { from: b, to: a, pair };
  switch (pair.direction) {
    case 'aToB':
      return [forth];
    case 'bToA':
      return [back];
    case 'both':
      return [forth, back];
  }
}

/** The pairs of a shortest way, or undefined where there is none. */
function pathBetween(
  edges: readonly Edge[],
  from: string,
  to: string,
): readonly Pair[] | undefined {
  const ways = new Map<string, readonly Pair[]>([[from, []]]);
  for (const [node, way] of ways) {
    if (node === to) return way;
    for (const edge of edges)
      if (edge.from === node && !ways.has(edge.to)) ways.set(edge.to, [...way, edge.pair]);
  }
  return undefined;
}

function selfProblem({ a, b }: CandidatePair): MappingProblem {
  const isLiteral = a.resource.trim().toLowerCase() === b.resource.trim().toLowerCase();
  return {
    kind: isLiteral ? 'self' : 'same-mailbox',
    severity: 'error',
    pairIds: [],
    message: isLiteral
      ? `${nameOf(a)} cannot be mapped to itself`
      : `${nameOf(a)} and ${nameOf(b)} are two names of one calendar`,
  };
}

function duplicateProblem(pair: Pair): MappingProblem {
  return {
    kind: 'duplicate',
    severity: 'error',
    pairIds: [pair.id],
    message: `${nameOf(pair.a)} and ${nameOf(pair.b)} are mapped already, by ${pair.id}`,
  };
}

function cycleProblem(way: readonly Pair[]): MappingProblem {
  const pairIds = way.map(({ id }) => id);
  return {
    kind: 'cycle',
    severity: 'error',
    pairIds,
    message:
      `with ${pairIds.join(', ')} it closes a ring, in which copies are copied without end: ` +
      'leave out one of them, or let one go the other way only',
  };
}

function sharedProblems(
  candidate: CandidatePair,
  others: readonly (Ends & { readonly pair: Pair })[],
  ends: Ends,
): readonly MappingProblem[] {
  return (['a', 'b'] as const).flatMap((side) => {
    const sharing = others.filter((other) => other.a === ends[side] || other.b === ends[side]);
    if (sharing.length === 0) return [];
    const pairIds = sharing.map(({ pair }) => pair.id);
    return [
      {
        kind: 'shared' as const,
        severity: 'warning' as const,
        pairIds,
        message: `${nameOf(candidate[side])} is in other mappings too: ${pairIds.join(', ')}`,
      },
    ];
  });
}

function nameOf({ bridge, resource }: Endpoint): string {
  return `${resource} (${bridge})`;
}
