import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../../shared/model/fields.ts';
import {
  mappingIdOf,
  otherSide,
  SIDES,
  type ExternalId,
  type MappingId,
  type PairId,
} from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import { rememberedBy } from '../../../../shared/sync/application.ts';
import { planSync } from '../../../../shared/sync/plan/plan.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import {
  actionsOf,
  alive,
  changes,
  complete,
  FINGERPRINTS,
  gone,
  item,
  known,
  mapped,
  NOW,
  planOf,
  stampOf,
  stateOf,
  type ItemSpec,
} from './support.ts';

describe('a new item', () => {
  it.each(SIDES)('on side %s gets a copy on the other', (side) => {
    for (const read of [complete, (one: ReturnType<typeof item>) => changes([one])])
      expect(actionsOf({ [side]: read(item('new-1')) })).toEqual([
        `create ${otherSide(side)} (new)`,
      ]);
  });

  it.each(SIDES)('gets a copy where its side owns, and is refused where the other does', (side) => {
    const direction = side === 'a' ? 'aToB' : 'bToA';
    const state = { policy: { direction } } as const;
    expect(actionsOf({ ...state, [side]: complete(item('new-1')) })).toEqual([
      `create ${otherSide(side)} (new)`,
    ]);
    const plan = planOf({ ...state, [otherSide(side)]: complete(item('new-1')) });
    expect(plan.actions).toEqual([]);
    expect(plan.refusals).toMatchObject([{ side: otherSide(side), reason: 'one-way' }]);
  });

  it.each(['full', 'decline', 'none'] as const)(
    'is copied whatever may be done to it: %s',
    (rights) => {
      expect(actionsOf({ a: complete(item('new-1', { rights })) })).toEqual(['create b (new)']);
    },
  );

  it('is not decided on where it is not known whether it is mapped', () => {
    const concerned = { a: new Set<ExternalId>(), b: 'all' as const };
    expect(actionsOf({ a: complete(item('new-1')), concerned })).toEqual([]);
  });

  it.each(['series', 'zero-length', 'end-before-start', 'free'] as const)(
    'that cannot be carried (%s) is refused with that reason',
    (unsupported) => {
      for (const side of SIDES) {
        const plan = planOf({ [side]: complete(item('new-1', { unsupported })) });
        expect(plan.actions).toEqual([]);
        expect(plan.refusals).toMatchObject([{ side, reason: unsupported }]);
      }
    },
  );

  it('that is shown as free is copied where the tenant says so, and nothing else with it', () => {
    const policy = { copiesFree: true };
    for (const [side, made] of [
      ['a', 'create b (new)'],
      ['b', 'create a (new)'],
    ] as const)
      expect(
        actionsOf({ [side]: complete(item('new-1', { unsupported: 'free' })), policy }),
      ).toEqual([made]);
    const other = planOf({ a: complete(item('new-1', { unsupported: 'zero-length' })), policy });
    expect(other.actions).toEqual([]);
    // Looked at by itself it is the same event.
    const unread = item('new-1', { unsupported: 'free', stamp: { state: 'unread' } });
    const shown = item('new-1', { unsupported: 'free' });
    const answers = { a: [alive(shown)] };
    expect(actionsOf({ a: changes([unread]), answers, policy })).toEqual(['create b (new)']);
  });

  it('that is past is refused, also at the moment it ends', () => {
    const ended = (slot: ItemSpec['slot'] & {}) => planOf({ a: complete(item('new-1', { slot })) });
    expect(ended([0, 5, 6]).refusals).toMatchObject([{ reason: 'past' }]);
    expect(ended([0, 5, 6]).actions).toEqual([]);
    expect(ended([0, 5, 7]).actions).toMatchObject([{ kind: 'create' }]);
  });

  it('whose stamp or content was not shown is looked at first', () => {
    const unread = item('new-1', { stamp: { state: 'unread' } });
    expect(actionsOf({ a: changes([unread]) })).toEqual(['ask a new-1 (stamp)']);
    const part = item('new-1', { shown: ['title', 'slot'] });
    expect(actionsOf({ a: changes([part]) })).toEqual(['ask a new-1 (hidden)']);
    const whole = item('new-1', { shown: FIELDS });
    expect(actionsOf({ a: changes([unread]), answers: { a: [alive(whole)] } })).toEqual([
      'create b (new)',
    ]);
    expect(actionsOf({ a: changes([unread]), answers: { a: [gone(whole)] } })).toEqual([]);
  });

  it('that could not be looked at stays undecided, and is not copied twice over', () => {
    const verdict = ['new-1', { kind: 'unknown', reason: 'it was busy' }] as const;
    for (const part of [{ stamp: { state: 'unread' } }, { shown: ['slot'] }] as const)
      expect(actionsOf({ a: changes([item('new-1', part)]), answers: { a: [verdict] } })).toEqual([
        'undecided a new-1',
      ]);
  });
});

describe('new on both sides', () => {
  const pairs: readonly [string, ItemSpec, ItemSpec, readonly string[]][] = [
    ['equal', {}, {}, ['link (adopt)']],
    [
      'with another title',
      { title: 'One' },
      { title: 'Other' },
      ['create b (new)', 'create a (new)'],
    ],
    ['at another time', {}, { slot: [2, 8, 10] }, ['create b (new)', 'create a (new)']],
    ['with another description', {}, { description: 'x' }, ['create b (new)', 'create a (new)']],
    ['untitled and with the default title', { title: ' ' }, { title: 'Busy' }, ['link (adopt)']],
    ['in another Unicode form', { title: 'Mo\u0308te' }, { title: 'M\u00f6te' }, ['link (adopt)']],
    ['with other line ends', { description: 'a\r\nb ' }, { description: 'a\nb' }, ['link (adopt)']],
  ];

  it.each(pairs)('%s', (_name, one, other, expected) => {
    expect(actionsOf({ a: complete(item('a-1', one)), b: complete(item('b-1', other)) })).toEqual(
      expected,
    );
  });

  it('are compared as the lesser of both systems can hold them', () => {
    const capabilities = { b: { titleCharsMax: 5, descriptionCharsMax: 3 } };
    const spec = { title: 'Meeting', description: 'agenda' };
    // Cut by us, and by a system or a program that says nothing of it.
    for (const cut of [
      { title: 'Meet…', description: 'ag…' },
      { title: 'Meeti', description: 'age' },
    ])
      expect(
        actionsOf({ a: complete(item('a-1', spec)), b: complete(item('b-1', cut)), capabilities }),
      ).toEqual(['link (adopt)']);
  });

  it('are paired one to one, however many are alike', () => {
    const plan = planOf({
      a: complete(item('a-1'), item('a-2')),
      b: complete(item('b-1'), item('b-2'), item('b-3')),
    });
    const linked = plan.actions.filter(({ kind }) => kind === 'link');
    expect(linked.map((action) => 'items' in action && action.items.b?.id)).toEqual(['b-1', 'b-2']);
    expect(plan.actions.filter(({ kind }) => kind === 'create')).toMatchObject([{ target: 'a' }]);
  });

  it('are adopted in a pair with an owner too', () => {
    expect(
      actionsOf({
        a: complete(item('a-1')),
        b: complete(item('b-1')),
        policy: { direction: 'aToB' },
      }),
    ).toEqual(['link (adopt)']);
  });
});

describe('an item with our stamp', () => {
  const source = item('s-1');
  const live = item('c-1');

  it.each(SIDES)('is linked where its event has no live copy on side %s', (side) => {
    const from = otherSide(side);
    const lost = mapped({ [from]: known(source) }, { origin: from, state: 'pending' });
    const dead = mapped(
      { [from]: known(source), [side]: known(item('c-0'), { gone: true }) },
      { origin: from, state: 'error' },
    );
    for (const mapping of [lost, dead]) {
      const copy = item('c-1', { stamp: stampOf(mapping) });
      expect(actionsOf({ [side]: changes([copy]), mappings: [mapping] })).toEqual([
        'link (stamp-found)',
      ]);
    }
  });

  it.each(SIDES)('is a person’s copy, so new, where the first one lives on side %s', (side) => {
    const from = otherSide(side);
    const mapping = mapped({ [from]: known(source), [side]: known(live) }, { origin: from });
    const copy = item('c-2', { stamp: stampOf(mapping), slot: [5, 8, 9] });
    expect(actionsOf({ [side]: changes([live, copy]), mappings: [mapping] })).toEqual([
      `create ${from} (new)`,
    ]);
  });

  it('is a person’s copy, so new, where the event has ended', () => {
    const mapping = mapped(
      { a: known(source, { gone: true }), b: known(live, { gone: true }) },
      { state: 'cancelled' },
    );
    const copy = item('c-2', { stamp: stampOf(mapping), slot: [5, 8, 9] });
    expect(actionsOf({ b: changes([copy]), mappings: [mapping] })).toEqual(['create a (new)']);
  });

  it('of a copy that was ended before it was known is linked, to be ended', () => {
    const mapping = mapped({ a: known(source, { gone: true }) }, { state: 'cancelled' });
    const copy = item('c-1', { stamp: stampOf(mapping) });
    expect(actionsOf({ b: changes([copy]), mappings: [mapping] })).toEqual(['link (stamp-found)']);
  });

  it('whose rows are lost is matched by the id of the event it copies, else flagged', () => {
    const mapping = mapped({ a: known(source) });
    const copy = item('c-1', { stamp: stampOf(mapping) });
    expect(actionsOf({ a: complete(source), b: complete(copy) })).toEqual(['link (stamp-found)']);
    expect(actionsOf({ a: complete(), b: complete(copy) })).toEqual([
      'flag (stamp-unknown) owed b',
    ]);
  });

  it('of another pair is a new event, whether or not its mapping is known here', () => {
    const stamp = stampOf(mapped({ a: known(source) }), { pairId: 'pair-2' as PairId });
    expect(actionsOf({ b: changes([item('c-9', { stamp })]) })).toEqual(['create a (new)']);
    const lost = mapped({ a: known(source) }, { state: 'refused' });
    const spec = { b: changes([item('c-9', { stamp })]), mappings: [lost] };
    expect(actionsOf(spec)).toEqual(['create a (new)']);
  });

  it('is linked again with the event that it copies once that is there again', () => {
    const copy = item('c-1');
    const flagged = mapped({ b: known(copy) }, { state: 'conflict', rule: 'stamp-unknown' });
    const spec = {
      a: complete(source),
      b: complete(copy),
      mappings: [flagged],
      old: [{ side: 'a', id: source.id, mappingId: flagged.id }] as const,
    };
    expect(actionsOf(spec)).toEqual(['link (stamp-found)']);
    const other = { ...spec, a: complete(item('s-2', { slot: [9, 8, 9] })) };
    expect(actionsOf(other)).toEqual(['create b (new)']);
  });

  it('is linked with a copy of its own that was flagged before it could be looked at', () => {
    const flagged = mapped({ b: known(live) }, { state: 'conflict', rule: 'stamp-unknown' });
    const again = item('s-9', { stamp: stampOf(mapped({ b: known(live) })) });
    const spec = { a: complete(again), b: complete(live), mappings: [flagged] };
    expect(actionsOf(spec)).toEqual(['link (stamp-found)']);
  });

  it('is not flagged while the event that it copies cannot be looked at', () => {
    const stamp = stampOf(mapped({ a: known(source) }));
    const spec = {
      a: complete(item('s-1', { stamp: { state: 'unread' } })),
      b: complete(item('c-1', { stamp })),
      answers: { a: [['s-1', { kind: 'unknown', reason: 'Graph is busy' }]] },
    } as const;
    expect(actionsOf(spec)).toEqual(['undecided a s-1', 'undecided b c-1']);
  });

  it('leaves word of the event that it copies where it has to be flagged', () => {
    const stamp = stampOf(mapped({ a: known(source) }));
    const state = stateOf({ a: complete(), b: complete(item('c-1', { stamp })) });
    const [action] = planSync(state).actions;
    expect(action && rememberedBy(state, action)).toMatchObject({
      index: [{ side: 'a', id: source.id, old: true }],
    });
  });

  it('stays flagged once a person has to say what it is', () => {
    const copy = item('c-1');
    const flagged = mapped({ b: known(copy) }, { state: 'conflict', rule: 'stamp-unknown' });
    expect(actionsOf({ b: complete(copy), mappings: [flagged] })).toEqual([]);
  });
});

describe('an item that may be a copy of ours, and cannot be looked at', () => {
  const source = item('s-1');
  const unknown = item('c-1', { stamp: { state: 'unread' } });
  const answers = {
    b: [['c-1', { kind: 'unknown', reason: 'Graph is busy' }]],
  } as const;

  it('keeps what stands at the same time from being copied', () => {
    const spec = { a: complete(source), b: complete(unknown), answers };
    expect(actionsOf(spec)).toEqual(['undecided b c-1', 'undecided b c-1']);
  });

  it('keeps what was to be copied before from being copied again, wherever it stands', () => {
    const moved = item('s-1', { slot: [4, 8, 9] });
    const asked = mapped(
      { a: known(moved, { gone: true }) },
      { state: 'cancelled', generation: 1 },
    );
    const spec = { a: complete(moved), b: complete(unknown), mappings: [asked], answers };
    expect(actionsOf(spec)).toEqual(['undecided b c-1', 'undecided b c-1']);
  });

  it('keeps nothing else back', () => {
    const other = item('s-2', { slot: [4, 8, 9] });
    const spec = { a: complete(other), b: complete(unknown), answers };
    expect(actionsOf(spec)).toEqual(['create b (new)', 'undecided b c-1']);
  });
});

describe('an event without a copy, and its like on the other side', () => {
  const capabilities = { b: { stamps: false } };
  const intent = {
    createIntent: {
      target: 'b' as const,
      fingerprint: FINGERPRINTS.of(item('x', { slot: [9, 8, 9] }).event, ['title', 'slot']),
      at: (NOW - 60_000) as Instant,
    },
  };

  it('are one, where people moved both since its create was asked for', () => {
    const event = item('a-1', { slot: [3, 8, 9], version: 'v2', lastModified: NOW });
    const asked = mapped({ a: known(item('a-1')) }, { state: 'pending', ...intent });
    const b = complete(item('b-1', { slot: [3, 8, 9] }));
    const spec = { a: changes([event]), b, mappings: [asked], capabilities };
    expect(actionsOf(spec)).toEqual(['link (adopt)']);
  });

  it('are left to a person where one of them is flagged already', () => {
    const event = item('a-1');
    const flagged = mapped({ a: known(event) }, { state: 'conflict', rule: 'intent-ambiguous' });
    const spec = { a: complete(event), b: complete(item('b-1')), mappings: [flagged] };
    expect(actionsOf(spec)).toEqual(['create a (new)']);
  });

  it('are not one on the word of a list of changes, which may repeat what was', () => {
    const event = item('a-1');
    const ended = mapped({ a: known(event, { gone: true }) }, { state: 'cancelled' });
    const spec = { a: changes([event]), b: complete(item('b-1')), mappings: [ended] };
    expect(actionsOf(spec)).not.toContain('link (adopt)');
  });
});

describe('what is back on both sides', () => {
  const event = item('a-1');
  const ended = mapped({ a: known(event, { gone: true }) }, { state: 'cancelled', generation: 1 });

  it('is one event, though its copy on the other side was never known', () => {
    const spec = { a: complete(event), b: complete(item('b-1')), mappings: [ended] };
    expect(actionsOf(spec)).toEqual(['link (adopt)']);
  });

  it('is another event where they differ', () => {
    const spec = { a: complete(event), b: complete(item('b-1', { title: 'Other' })) };
    expect(actionsOf({ ...spec, mappings: [ended] })).toEqual(['create b (new)', 'create a (new)']);
  });
});

describe('a create that was not answered, on a system without stamps', () => {
  const source = item('s-1');
  const capabilities = { b: { stamps: false } };
  const pending = (): EventMapping =>
    mapped(
      { a: known(source) },
      {
        state: 'pending',
        createIntent: {
          target: 'b',
          fingerprint: FINGERPRINTS.of(source.event, ['title', 'slot']),
          at: (NOW - 60_000) as Instant,
        },
      },
    );

  it('is found again by what was to be made', () => {
    const b = complete(item('b-1', { title: 'Other' }), item('b-2'));
    expect(actionsOf({ b, mappings: [pending()], capabilities })).toContain('link (intent-found)');
  });

  it('is flagged where two items could be it, and neither is copied', () => {
    const b = complete(item('b-1'), item('b-2'));
    expect(actionsOf({ b, mappings: [pending()], capabilities })).toEqual([
      'flag (intent-ambiguous) owed a',
    ]);
  });

  it('is sent again where nothing equals it', () => {
    const b = complete(item('b-1', { slot: [2, 8, 10] }));
    const spec = { b, mappings: [pending()], capabilities, answers: { a: [alive(source)] } };
    expect(actionsOf(spec)).toEqual(['create b (new)', 'create a (new)']);
  });

  it('is not looked for where stamps tell', () => {
    const answers = { a: [alive(source)] };
    expect(actionsOf({ b: complete(item('b-1')), mappings: [pending()], answers })).toEqual([
      'create b (new)',
      'create a (new)',
    ]);
  });

  it('differs from what was found only by what its event changed since', () => {
    const { version: _, ...unsure } = known(item('b-1'), { keyVersion: '' });
    const found = mapped({ a: known(source), b: unsure });
    const now = item('s-1', { title: 'Renamed', version: 'v2', lastModified: NOW });
    const spec = { a: changes([now]), b: complete(item('b-1')), mappings: [found] };
    expect(actionsOf(spec)).toEqual(['update b [title] (changed)']);
    const both = { ...spec, b: complete(item('b-1', { description: 'also edited' })) };
    expect(actionsOf(both)).toEqual(['flag (conflict-flagged) owed a,b']);
  });
});

describe('an id that a mapping had before', () => {
  const mapping = mapped(
    { a: known(item('a-1')), b: known(item('b-2')) },
    { origin: 'b', id: mappingIdOf('b', 'b-1' as ExternalId) },
  );

  it('is flagged when it is there again, by its index row or by the mapping’s own id', () => {
    const b = changes([item('b-1')]);
    expect(actionsOf({ b, mappings: [mapping] })).toEqual(['flag (old-id-returned) owed a,b']);
    const renamed = { ...mapping, id: 'm:a:x' as MappingId };
    const old = [{ side: 'b', id: 'b-1' as ExternalId, mappingId: renamed.id }] as const;
    expect(actionsOf({ b, mappings: [renamed], old })).toEqual(['flag (old-id-returned) owed a,b']);
  });
});

describe('a mapping of one copy whose item is a copy in another mapping', () => {
  const a = item('a-1');
  const b = item('b-1');
  const pair = mapped({ a: known(a), b: known(b) });
  const lone = (more: Partial<EventMapping>): EventMapping => {
    const { a: _, ...rest } = mapped({ b: known(b) }, more);
    return { ...rest, id: 'm:b:lone' as EventMapping['id'] };
  };

  it('ends, whatever it was waiting for', () => {
    const waiting = lone({ state: 'conflict', rule: 'slot-taken', owed: ['b'] });
    const plan = planOf({ a: complete(a), b: complete(b), mappings: [pair, waiting] });
    expect(plan.actions).toMatchObject([
      { kind: 'unlink', mappingId: waiting.id, rule: 'adopt', gone: [] },
    ]);
  });

  it('makes nothing once it has ended, also when the event is back', () => {
    const ended = lone({ state: 'cancelled', rule: 'adopt' });
    expect(actionsOf({ a: complete(a), b: complete(b), mappings: [pair, ended] })).toEqual([]);
    const gonePair = mapped(
      { a: known(a, { gone: true }), b: known(b, { gone: true }) },
      { state: 'cancelled', rule: 'both-gone' },
    );
    expect(actionsOf({ b: complete(b), mappings: [gonePair, ended] })).toEqual([
      'create a (returned)',
    ]);
  });
});
