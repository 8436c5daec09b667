import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  pairIdOf,
  type BridgeKey,
  type Endpoint,
  type ResourceId,
  type TenantId,
} from '../../../shared/model/ids.ts';
import { mappingProblems, type CandidatePair } from '../../../shared/model/mapping-problems.ts';
import type { Direction, Pair } from '../../../shared/model/pair.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const TENANT = 'town' as TenantId;

/** `outlook:a@x`, or a bare name on one bridge. */
function end(text: string): Endpoint {
  const [resource = '', bridge = 'outlook'] = text.split(':').reverse();
  return { bridge: bridge as BridgeKey, resource: resource as ResourceId };
}

function candidate(a: string, b: string, direction: Direction = 'both'): CandidatePair {
  return { a: end(a), b: end(b), direction };
}

function pair(a: string, b: string, direction: Direction = 'both', more: Partial<Pair> = {}): Pair {
  return {
    ...candidate(a, b, direction),
    tenantId: TENANT,
    id: pairIdOf(TENANT, end(a), end(b)),
    conflictPolicy: 'flag',
    active: true,
    syncEnabled: true,
    status: 'pending',
    createdAt: 0 as Instant,
    updatedAt: 0 as Instant,
    ...more,
  };
}

function kinds(...args: Parameters<typeof mappingProblems>): readonly string[] {
  return mappingProblems(...args).map(({ kind, severity }) => `${severity} ${kind}`);
}

describe('a pair about to be saved', () => {
  it('of two resources that nothing else names is fine', () => {
    expect(kinds([pair('c', 'd')], candidate('a', 'b'))).toEqual([]);
  });

  it.each([
    ['a@x', 'a@x'],
    ['A@x', 'a@X'],
    ['a@x', ' a@x '],
  ])('cannot map a resource to itself: %s, %s', (a, b) => {
    expect(kinds([], candidate(a, b))).toEqual(['error self']);
  });

  it('cannot map a mailbox to itself by another of its names', () => {
    const bridge = 'outlook' as BridgeKey;
    const names = [{ bridge, names: ['Council@x', 'meeting-room-1@x', '6f1c'] as ResourceId[] }];
    expect(kinds([], candidate('council@x', '6F1C'), names)).toEqual(['error same-mailbox']);
    expect(kinds([], candidate('council@x', 'booking:6f1c'), names)).toEqual([]);
    const [problem] = mappingProblems([], candidate('council@x', '6f1c'), names);
    expect(problem?.message).toBe(
      'council@x (outlook) and 6f1c (outlook) are two names of one calendar',
    );
  });

  it('cannot be there already, either way round and by any name', () => {
    const names = [{ bridge: 'outlook' as BridgeKey, names: ['a', 'alias'] as ResourceId[] }];
    expect(kinds([pair('a', 'b', 'aToB')], candidate('b', 'a'))).toEqual(['error duplicate']);
    expect(kinds([pair('a', 'b')], candidate('alias', 'b'), names)).toEqual(['error duplicate']);
    expect(kinds([pair('a', 'b', 'both', { active: false })], candidate('a', 'b'))).toEqual([]);
    const known = pair('a', 'b');
    expect(kinds([known], { ...candidate('a', 'b'), id: known.id })).toEqual([]);
  });

  it('cannot close a ring, whether its pairs go one way or both', () => {
    const ring = [pair('a', 'b', 'aToB'), pair('b', 'c', 'aToB')];
    const found = mappingProblems(ring, candidate('c', 'a', 'aToB'));
    expect(found.map(({ kind }) => kind)).toEqual(['cycle', 'shared', 'shared']);
    expect(found[0]?.pairIds).toEqual(ring.map(({ id }) => id));
    expect(kinds(ring, candidate('a', 'c', 'bToA'))).toContain('error cycle');
    expect(kinds(ring, candidate('c', 'a'))).toContain('error cycle');
    expect(kinds([pair('a', 'b'), pair('b', 'c')], candidate('a', 'c'))).toContain('error cycle');
    expect(kinds([pair('a', 'b'), pair('c', 'b', 'aToB')], candidate('a', 'c', 'aToB'))).toContain(
      'error cycle',
    );
  });

  it('may share a resource where nothing comes back, which is told', () => {
    const others = [pair('a', 'b', 'aToB'), pair('b', 'c', 'aToB')];
    expect(kinds(others, candidate('a', 'c', 'aToB'))).toEqual([
      'warning shared',
      'warning shared',
    ]);
    const [problem] = mappingProblems([pair('a', 'b')], candidate('b', 'c'));
    expect(problem).toMatchObject({ kind: 'shared', pairIds: [pair('a', 'b').id] });
    expect(problem?.message).toContain('b (outlook)');
  });

  it('a paused pair closes a ring too, one that was deleted does not', () => {
    const paused = pair('b', 'c', 'both', { syncEnabled: false });
    expect(kinds([pair('a', 'b'), paused], candidate('a', 'c'))).toContain('error cycle');
    const deleted = pair('b', 'c', 'both', { active: false });
    expect(kinds([pair('a', 'b'), deleted], candidate('a', 'c'))).not.toContain('error cycle');
  });

  it('has a ring exactly where an event could come back to where it was born', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const way = fc.constantFrom<Direction>('aToB', 'bToA', 'both');
    const spec = fc.record({ a: name, b: name, way }).filter(({ a, b }) => a !== b);
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 5 }), spec, (list, last) => {
        const others = [
          ...new Map(list.map((one) => [[one.a, one.b].sort().join(), one])).values(),
        ].filter((one) => [one.a, one.b].sort().join() !== [last.a, last.b].sort().join());
        const isRing = (from: string, to: string): boolean => {
          const reached = new Set([from]);
          for (let step = 0; step < 5; step += 1)
            for (const { a, b, way } of others) {
              if (way !== 'bToA' && reached.has(a)) reached.add(b);
              if (way !== 'aToB' && reached.has(b)) reached.add(a);
            }
          return reached.has(to);
        };
        const expected =
          (last.way !== 'bToA' && isRing(last.b, last.a)) ||
          (last.way !== 'aToB' && isRing(last.a, last.b));
        const found = kinds(
          others.map((one) => pair(one.a, one.b, one.way)),
          candidate(last.a, last.b, last.way),
        );
        expect(found.includes('error cycle')).toBe(expected);
      }),
    );
  });
});
