import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BridgeCapabilities } from '../../../../shared/model/capabilities.ts';
import { otherSide, SIDES, type ExternalId, type Side } from '../../../../shared/model/ids.ts';
import type { EventMapping } from '../../../../shared/model/mapping.ts';
import type { SnapshotItem } from '../../../../shared/model/snapshot.ts';
import { asHeldBy } from '../../../../shared/sync/plan/normalise.ts';
import { contentFor, idempotencyKeyOf } from '../../../../shared/sync/plan/content.ts';
import { created, intended, linked, updated } from '../../../../shared/sync/plan/outcome.ts';
import {
  actionsOf,
  CAPABLE,
  changes,
  complete,
  edited,
  item,
  NOW,
  onlyAction,
  planOf,
  POLICY,
  stampOf,
  stateOf,
} from './support.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', ' ', 'Mo\u0308te', 'a\r\nb', 'a \nb\u00a0', '🎉'.repeat(20)),
);
const limits = fc.record({
  titleCharsMax: fc.integer({ min: 5, max: 30 }),
  descriptionCharsMax: fc.integer({ min: 5, max: 60 }),
});
const content = fc.record({ title: text, description: text });

/** The item as the system made it of what it was sent, and tells it from then on. */
function answered(
  of: SnapshotItem,
  capabilities: BridgeCapabilities,
  version: string,
): SnapshotItem {
  const sent = { ...of.event, ...contentFor(capabilities, of, POLICY.defaultTitle) };
  const stored = asHeldBy(capabilities, sent, '');
  return item('copy-1', { more: stored, version, lastModified: NOW });
}

describe('an echo of our own write', () => {
  it('plans nothing: creates and updates of any content, either way', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIDES),
        content,
        content,
        limits,
        (from, one, other, limit) => {
          const to = otherSide(from);
          const capabilities = { [to]: limit };
          const held = { ...CAPABLE, ...limit };
          const source = item('source-1', one);
          const first = planOf({ [from]: changes([source]), capabilities });
          const create = onlyAction(first);
          if (create.kind !== 'create') throw new Error(create.kind);
          const state = stateOf({ capabilities });
          const intent = intended(state, create).mapping;
          const copy = answered(source, held, 'v1');
          const { mapping } = created(state, create, intent, copy);
          const quiet = { [from]: changes([source]), [to]: changes([copy]), capabilities };
          expect(actionsOf({ ...quiet, mappings: [mapping] })).toEqual([]);
          expect(actionsOf({ ...quiet, [to]: complete(copy), mappings: [mapping] })).toEqual([]);

          const now = edited(source, { ...other, slot: [5, 8, 9] });
          const update = onlyAction(
            planOf({ ...quiet, [from]: changes([now]), mappings: [mapping] }),
          );
          if (update.kind !== 'update') throw new Error(update.kind);
          const moved = answered(now, held, 'v2');
          const after = updated(state, update, moved).mapping;
          const echoed = { [from]: changes([now]), [to]: changes([moved]), capabilities };
          expect(actionsOf({ ...echoed, mappings: [after] })).toEqual([]);
          // What came before our write and is told late.
          const late = {
            ...echoed,
            [to]: changes([{ ...copy, lastModified: NOW - 1 } as SnapshotItem]),
          };
          expect(actionsOf({ ...late, mappings: [after] })).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('that only has another version is noted, and nothing is written', () => {
    const source = item('source-1');
    const copy = item('copy-1');
    const create = onlyAction(planOf({ a: changes([source]) }));
    if (create.kind !== 'create') throw new Error(create.kind);
    const { mapping } = created(stateOf({}), create, intended(stateOf({}), create).mapping, copy);
    const moved = edited(copy, {});
    expect(actionsOf({ b: changes([moved]), mappings: [mapping] })).toEqual(['link (echo)']);
    const link = onlyAction(planOf({ b: changes([moved]), mappings: [mapping] }));
    if (link.kind !== 'link') throw new Error(link.kind);
    const noted = linked(stateOf({}), link).mapping;
    expect(actionsOf({ b: changes([moved]), mappings: [noted] })).toEqual([]);
  });
});

describe('the key of a create', () => {
  const keyOf = (mapping: EventMapping) => idempotencyKeyOf(stateOf({}), mapping);
  const source = item('source-1');

  function createOf(mappings: readonly EventMapping[], from: Side = 'a') {
    const answers = { [from]: [[source.id, { kind: 'alive', item: source }]] } as const;
    const action = onlyAction(planOf({ [from]: changes([source]), mappings, answers }));
    if (action.kind !== 'create') throw new Error(action.kind);
    return action;
  }

  it('is the same for each try, and another after each end', () => {
    const state = stateOf({});
    const first = createOf([]);
    const tried = intended(state, first).mapping;
    const again = createOf([tried]);
    expect(keyOf(intended(state, again).mapping)).toBe(keyOf(tried));
    expect(keyOf(tried)).toMatch(/^cb1\./);

    const made = created(state, again, tried, item('copy-1')).mapping;
    const lost = planOf({
      a: changes([edited(source, { title: 'New' })]),
      b: changes([], ['copy-1']),
      answers: { b: [['copy-1', { kind: 'gone' }]] },
      mappings: [made],
      policy: { conflictPolicy: 'a' },
    });
    const recreate = onlyAction(lost);
    if (recreate.kind !== 'create') throw new Error(recreate.kind);
    const next = intended(state, recreate).mapping;
    expect(next.generation).toBe(tried.generation + 1);
    expect(keyOf(next)).not.toBe(keyOf(tried));
    const change = created(state, recreate, next, item('copy-2'));
    expect(change.index).toEqual([
      { side: 'b', id: 'copy-2' },
      { side: 'b', id: 'copy-1', old: true },
    ]);
  });

  it('differs between events', () => {
    const other = { ...createOf([]).mapping, id: 'm:a:other' as EventMapping['id'] };
    expect(keyOf(other)).not.toBe(keyOf(createOf([]).mapping));
  });

  it('a copy made by it carries the stamp of its event', () => {
    const { mapping } = createOf([]);
    expect(stampOf(mapping)).toMatchObject({
      state: 'read',
      stamp: { sourceId: 'source-1' as ExternalId, mappingId: mapping.id },
    });
  });
});

describe('what is sent', () => {
  it('has the default title where there is none, or none that may be shown', () => {
    for (const one of [item('x', { title: ' \n' }), item('x', { shown: ['slot'] })])
      expect(contentFor(CAPABLE, one, 'Busy').title).toBe('Busy');
  });

  it('has no description or contact that was not shown', () => {
    const participants = { x: { name: 'Kari', roles: { owner: true } as const } };
    const one = item('x', { shown: ['title', 'slot'], more: { participants } });
    expect(contentFor(CAPABLE, one, 'Busy')).toMatchObject({ description: '' });
    expect(contentFor(CAPABLE, one, 'Busy').participants).toBeUndefined();
    const open = item('x', { more: { participants } });
    expect(contentFor(CAPABLE, open, 'Busy').participants).toEqual({
      contact: { name: 'Kari', roles: { owner: true } },
    });
  });

  it('is cut at the system’s limits, never within a character', () => {
    const narrow = { ...CAPABLE, titleCharsMax: 3, descriptionCharsMax: 4 };
    const one = item('x', { title: 'ab🎉', description: 'one two' });
    expect(contentFor(narrow, one, 'Busy')).toMatchObject({ title: 'ab…', description: 'one…' });
    const full = item('x', { title: 'a🎉b', description: 'one' });
    expect(contentFor(narrow, full, 'Busy')).toMatchObject({ title: 'a…', description: 'one' });
  });
});
