import { describe, expect, it } from 'vitest';
import type { BridgeCapabilities } from '../../../../shared/model/capabilities.ts';
import { otherSide, type ExternalId, type ResourceId } from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import type { SnapshotItem, Verdict } from '../../../../shared/model/snapshot.ts';
import {
  confirmationOf,
  notRemoved,
  planRemoval,
  removing,
  type RemovalState,
} from '../../../../shared/sync/plan/removal.ts';
import {
  alive,
  CAPABLE,
  edited,
  FINGERPRINTS,
  gone,
  item,
  known,
  mapped,
  NOW,
  OSLO,
  PAIR,
  stampOf,
  type ItemSpec,
} from './support.ts';

type Looks = readonly (readonly [string, Verdict])[];

const original = item('a-1');
const plain = item('b-1');
const mapping = mapped({ a: known(original), b: known(plain) });
/** Our copy, with our stamp. */
const copy = item('b-1', { stamp: stampOf(mapping) });
const whereabouts = (id: string, kind: 'elsewhere' | 'unknown'): readonly [string, Verdict] => [
  id,
  kind === 'unknown' ? { kind, reason: 'no answer' } : { kind },
];

function stateOf(
  mappings: readonly EventMapping[],
  looks: { readonly a?: Looks; readonly b?: Looks } = {},
  capabilities: Partial<BridgeCapabilities> = {},
): RemovalState {
  const side = (all: Looks) => new Map(all.map(([id, verdict]) => [id as ExternalId, verdict]));
  return {
    pairId: PAIR,
    capabilities: { a: CAPABLE, b: { ...CAPABLE, ...capabilities } },
    mappings,
    looks: { a: side(looks.a ?? [alive(original)]), b: side(looks.b ?? [alive(copy)]) },
    fingerprints: FINGERPRINTS,
    timeZone: OSLO,
    now: NOW,
  };
}

/** `remove made-by-us`, `keep changed`, …; `nothing` where there is no copy. */
function fate(...of: Parameters<typeof stateOf>): string {
  const [first, ...more] = planRemoval(stateOf(...of));
  expect(more).toEqual([]);
  if (first === undefined) return 'nothing';
  return [first.action, first.rule, ...(first.done === true ? ['done'] : [])].join(' ');
}

const copyIs = (found: readonly [string, Verdict]) => fate([mapping], { b: [found] });
const edit = (spec: ItemSpec): SnapshotItem => edited(copy, spec);

describe('the copy of a pair that ends', () => {
  it('is removed where it is ours, as it was written, and its original is there', () => {
    expect(planRemoval(stateOf([mapping]))).toEqual([
      {
        mappingId: mapping.id,
        side: 'b',
        eventId: 'b-1',
        action: 'remove',
        rule: 'made-by-us',
        reason: expect.any(String) as string,
      },
    ]);
  });

  it('is on the side where the event was not born', () => {
    const born = mapped({ a: known(plain), b: known(original) }, { origin: 'b' });
    const ours = item('b-1', { stamp: stampOf(born) });
    const [only] = planRemoval(stateOf([born], { a: [alive(ours)], b: [alive(original)] }));
    expect(only).toMatchObject({ side: 'a', eventId: 'b-1', action: 'remove' });
  });

  it.each<[string, string, readonly [string, Verdict]]>([
    ['was moved in time', 'keep changed', alive(edit({ slot: [3, 8, 9] }))],
    ['has another title', 'keep changed', alive(edit({ title: 'Mine' }))],
    ['has another text', 'keep changed', alive(edit({ description: 'mine' }))],
    ['was made private', 'keep changed', alive(edit({ more: { privacy: 'private' } }))],
    ['was made a series', 'keep changed', alive(edit({ unsupported: 'series' }))],
    ['moved in its version alone', 'remove made-by-us', alive(edit({}))],
    [
      'cannot be seen wholly',
      'keep unconfirmed',
      alive(edit({ shown: ['title', 'slot', 'contact'] })),
    ],
    ['has no stamp', 'keep not-ours', alive(edit({ stamp: { state: 'none' } }))],
    ['has an unread stamp', 'keep not-ours', alive(edit({ stamp: { state: 'unread' } }))],
    [
      "has another pair's stamp",
      'keep not-ours',
      alive(edit({ stamp: stampOf(mapping, { pairId: 'other' as typeof PAIR }) })),
    ],
    [
      "has another event's stamp",
      'keep not-ours',
      alive(edit({ stamp: stampOf(mapping, { mappingId: 'm:a:x' as typeof mapping.id }) })),
    ],
    ['may not be written', 'keep rights', alive(edit({ rights: 'decline' }))],
    ['is owned by its system', 'keep rights', alive(edit({ rights: 'none' }))],
    ['holds other rooms', 'keep shared', alive(edit({ sharedWith: ['other-room' as ResourceId] }))],
    ['is past', 'keep past', alive(edit({ slot: [-1, 8, 9] }))],
    ['ends now', 'keep past', alive(edit({ slot: [0, 5, 6] }))],
    ['is gone already', 'keep gone', gone(copy)],
    ['was moved to another calendar', 'keep elsewhere', whereabouts('b-1', 'elsewhere')],
    ['cannot be seen', 'keep unconfirmed', whereabouts('b-1', 'unknown')],
    ['was not looked at', 'keep unconfirmed', whereabouts('b-2', 'unknown')],
  ])('that %s: %s', (_, expected, found) => {
    expect(copyIs(found)).toBe(expected);
  });

  it('that may hold other rooms is kept while that cannot be seen', () => {
    const { sharedWith: _, ...unseen } = copy;
    expect(copyIs(alive(unseen))).toBe('keep unconfirmed');
  });

  it('needs no stamp where its system keeps none', () => {
    const looks = { b: [alive(plain)] };
    expect(fate([mapping], looks)).toBe('keep not-ours');
    expect(fate([mapping], looks, { stamps: false })).toBe('remove made-by-us');
  });

  it.each<[string, string, Partial<EventMapping>]>([
    ['was there before', 'keep not-ours', { adopted: true }],
    ['is being moved', 'keep suspended', { suspended: 'b' }],
    ['whose original is being moved', 'keep suspended', { suspended: 'a' }],
    ['waits for a decision, unchanged', 'remove made-by-us', { state: 'conflict' }],
    [
      'may be made anew',
      'keep unanswered',
      { createIntent: { target: 'b', fingerprint: {}, at: NOW } },
    ],
    [
      'whose original may be made anew',
      'remove made-by-us',
      { createIntent: { target: 'a', fingerprint: {}, at: NOW } },
    ],
  ])('that %s: %s', (_, expected, more) => {
    expect(fate([{ ...mapping, ...more }])).toBe(expected);
  });

  it('is compared only with fingerprints of the same kind', () => {
    const outdated = mapped({ a: known(original), b: known(plain, { keyVersion: 'other' }) });
    expect(fate([outdated])).toBe('remove made-by-us');
    expect(fate([outdated], { b: [alive(edit({}))] })).toBe('keep unconfirmed');
  });

  it.each<[string, string, EventMapping, Looks]>([
    ['is gone', 'keep original-gone', mapping, [gone(original)]],
    ['is elsewhere', 'keep original-gone', mapping, [whereabouts('a-1', 'elsewhere')]],
    ['cannot be seen', 'keep unconfirmed', mapping, [whereabouts('a-1', 'unknown')]],
    ['was not looked at', 'keep unconfirmed', mapping, []],
    [
      'is known to be gone',
      'keep original-gone',
      { ...mapping, a: known(original, { gone: true }) },
      [],
    ],
  ])('whose original %s: %s', (_, expected, one, a) => {
    expect(fate([one], { a })).toBe(expected);
  });
});

describe('a mapping without a copy', () => {
  it.each<[string, string, EventMapping]>([
    ['never had one', 'nothing', mapped({ a: known(original) }, { state: 'refused' })],
    ['lost it', 'nothing', mapped({ a: known(original), b: known(plain, { gone: true }) })],
    [
      'may have got one unheard',
      'keep unanswered',
      mapped(
        { a: known(original) },
        { createIntent: { target: 'b', fingerprint: {}, at: NOW }, state: 'pending' },
      ),
    ],
  ])('that %s: %s', (_, expected, one) => {
    expect(fate([one])).toBe(expected);
  });
});

describe('a copy that an earlier try was about to remove', () => {
  const { mapping: removed } = removing({ now: NOW }, mapping);

  it('is removed if it is there, and done if it is not', () => {
    expect(fate([removed])).toBe('remove made-by-us');
    expect(fate([removed], { b: [gone(copy)] })).toBe('remove made-by-us done');
    expect(fate([removed], { b: [gone(copy)], a: [gone(original)] })).toBe(
      'remove made-by-us done',
    );
    expect(fate([removed], { b: [alive(edit({ title: 'Mine' }))] })).toBe('keep changed');
  });

  it('is the same plan, whatever is done of it', () => {
    const confirm = (state: RemovalState) => confirmationOf(state, planRemoval(state));
    const first = confirm(stateOf([mapping]));
    expect(confirm(stateOf([removed]))).toBe(first);
    expect(confirm(stateOf([removed], { b: [gone(copy)] }))).toBe(first);
    expect(confirm(stateOf([mapping], { b: [alive(edit({ title: 'Mine' }))] }))).not.toBe(first);
    expect(confirm(stateOf([]))).not.toBe(first);
  });

  it('raises the generation once, and keeps the row whole where it stays after all', () => {
    expect(removed).toMatchObject({
      state: 'pending',
      generation: 1,
      wanted: 'b',
      b: { gone: true },
    });
    expect(removing({ now: NOW }, removed).mapping.generation).toBe(1);
    const { mapping: restored } = notRemoved({ now: NOW }, mapping, removed);
    const owed = ['a', 'b'];
    expect(restored).toEqual({ ...mapping, generation: 1, owed, updatedAt: NOW });
  });
});

describe('a plan', () => {
  it('names the copies in the same order whatever the order of the rows', () => {
    const others = ['a-2', 'a-3', 'a-4'].map((id) =>
      mapped({ a: known(item(id)), b: known(item(id.replace('a', 'b'))) }),
    );
    const all = [mapping, ...others];
    const order = (rows: readonly EventMapping[]) =>
      planRemoval(stateOf(rows)).map(({ mappingId }) => mappingId);
    expect(order(all)).toEqual(order([...all].reverse()));
    expect(order(all)).toHaveLength(4);
    for (const one of planRemoval(stateOf(all))) expect(one.side).toBe(otherSide(mapping.origin));
  });
});
