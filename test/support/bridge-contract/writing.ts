import { describe, expect, it } from 'vitest';
import type { WriteOutcome } from '../../../shared/bridges/bridge.ts';
import type { ExternalId } from '../../../shared/model/ids.ts';
import { needs, stage, type BridgeHarness } from './harness.ts';

/** Create, update, cancel; what is refused and what is repeated. */
export function describeWriting(make: () => Promise<BridgeHarness>): void {
  describeSingleWrites(make);
  describeMovedOn(make);
  describeRepeats(make);
  describeSlots(make);
}

function describeSingleWrites(make: () => Promise<BridgeHarness>): void {
  describe('writing', () => {
    it('creates what it was given, and tells how the system holds it', async () => {
      const scene = await stage(make);
      const content = scene.nth(1);
      const item = await scene.applied(scene.createOf(content));
      expect(scene.fieldsOf(item)).toMatchObject(scene.expected(content, item));
      expect(item.rights).toBe('full');
      const read = await scene.read(item.id);
      expect(scene.fieldsOf(read)).toMatchObject(scene.expected(content, read));
    });

    it('sets the named fields and leaves the others', async () => {
      const scene = await stage(make);
      const before = scene.nth(1);
      const after = scene.nth(2, { title: 'Ny tittel', description: 'Ny tekst' });
      for (const field of scene.can.writable.filter((name) => name !== 'contact')) {
        const { id } = await scene.applied(scene.createOf(before));
        const old = await scene.read(id);
        await scene.applied(scene.updateOf(old, [field], after));
        const now = await scene.read(id);
        const wanted = scene.expected(after, now);
        expect(scene.fieldsOf(now)).toEqual({ ...scene.fieldsOf(old), [field]: wanted[field] });
        await scene.writeOne(scene.cancelOf({ id }));
      }
    });

    it('empties a field where the system can, and tells the truth where it cannot', async () => {
      const scene = await stage(make);
      const { id } = await scene.applied(scene.createOf(scene.nth(1, { description: 'Notat' })));
      const item = await scene.applied(
        scene.updateOf(await scene.read(id), ['description'], scene.nth(1, { description: '' })),
      );
      const now = await scene.read(id);
      expect(now.event.description).toBe(scene.can.canBlank ? '' : 'Notat');
      expect(scene.fieldsOf(now)).toMatchObject(scene.fieldsOf(item));
    });

    it('leaves what it does not name as a person put it meanwhile', async () => {
      const scene = await stage(make);
      const { id } = await scene.applied(scene.createOf(scene.nth(1)));
      await scene.harness.personChanges(id, { description: 'Av en person' });
      await scene.applied(
        scene.updateOf(await scene.read(id), ['title'], scene.nth(1, { title: 'Av oss' })),
      );
      const { event } = await scene.read(id);
      expect([event.title, event.description]).toEqual(['Av oss', 'Av en person']);
    });

    it('cancels, and cancels again what is gone', async () => {
      const scene = await stage(make);
      const item = await scene.applied(scene.createOf(scene.nth(1)));
      expect((await scene.writeOne(scene.cancelOf(item))).kind).toBe('applied');
      expect(await scene.confirm(item.id)).toEqual({ kind: 'gone' });
      expect(await scene.list()).toEqual([]);
      expect((await scene.writeOne(scene.cancelOf({ id: item.id }))).kind).toBe('applied');
    });
  });
}

function describeMovedOn(make: () => Promise<BridgeHarness>): void {
  describe('writing what has moved on, and many at once', () => {
    it('says missing where the item to update is gone', async () => {
      const scene = await stage(make);
      const { id } = await scene.applied(scene.createOf(scene.nth(1)));
      await scene.harness.personRemoves(id);
      const outcome = await scene.writeOne(scene.updateOf({ id }, ['title'], scene.nth(1)));
      expect(outcome).toEqual({ kind: 'missing' });
      expect(await scene.confirm(id)).toEqual({ kind: 'gone' });
    });

    it('does not write over what moved since the decision', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.conditionalWrites, 'writes are not conditional');
      const item = await scene.applied(scene.createOf(scene.nth(1)));
      await scene.harness.personChanges(item.id, { title: 'Av en person' });
      const content = scene.nth(1, { title: 'Av oss' });
      expect(await scene.writeOne(scene.updateOf(item, ['title'], content))).toEqual({
        kind: 'stale',
      });
      expect(await scene.writeOne(scene.cancelOf(item))).toEqual({ kind: 'stale' });
      const now = await scene.read(item.id);
      expect(now.event.title).toBe('Av en person');
      expect((await scene.applied(scene.updateOf(now, ['title'], content))).event.title).toBe(
        'Av oss',
      );
    });

    it('answers in the order asked, over several requests', async () => {
      const scene = await stage(make);
      const count = Math.min(2 * scene.can.writesPerRequestMax + 1, 45);
      const numbers = Array.from({ length: count }, (_, n) => n);
      const outcomes = await scene.write(...numbers.map((n) => scene.createOf(scene.nth(n))));
      expect(outcomes.map(titleOf)).toEqual(numbers.map((n) => `Møte ${n}`));
      expect(await scene.list()).toHaveLength(count);
    });

    it('goes on after a write that cannot be done', async () => {
      const scene = await stage(make);
      const { id } = await scene.applied(scene.createOf(scene.nth(1)));
      const gone = await scene.applied(scene.createOf(scene.nth(2)));
      await scene.harness.personRemoves(gone.id);
      const outcomes = await scene.write(
        scene.updateOf({ id: gone.id }, ['title'], scene.nth(2)),
        scene.createOf(scene.nth(3)),
        scene.cancelOf({ id }),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(['missing', 'applied', 'applied']);
      expect((await scene.list()).map(({ event }) => event.title)).toEqual(['Møte 3']);
    });

    it('writes nothing for no writes', async () => {
      const scene = await stage(make);
      expect(await scene.write()).toEqual([]);
    });
  });
}

function titleOf(outcome: WriteOutcome): string {
  return outcome.kind === 'applied' ? (outcome.item?.event.title ?? 'no item') : outcome.kind;
}

function describeRepeats(make: () => Promise<BridgeHarness>): void {
  describe('a create that is made again', () => {
    it('finds the item of the first try', async (context) => {
      const scene = await stage(make);
      const { stamps, exclusiveSlots } = scene.can;
      needs(context, stamps || exclusiveSlots, 'nothing tells a repeat');
      const create = scene.createOf(scene.nth(1));
      const first = await scene.applied(create);
      const second = await scene.writeOne(create);
      if (second.kind !== 'duplicate' && second.kind !== 'applied')
        throw new Error(`the repeat was ${second.kind}`);
      expect(second.item?.id).toBe(first.id);
      expect(await scene.list()).toHaveLength(1);
    });

    it('does not bring back what was deleted, but the next generation does', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.stamps, 'the system keeps no key of ours');
      const create = scene.createOf(scene.nth(1));
      const { id } = await scene.applied(create);
      await scene.harness.personRemoves(id);
      expect(await scene.writeOne(create)).toEqual({ kind: 'duplicate' });
      expect(await scene.list()).toEqual([]);
      const again = await scene.applied({ ...create, idempotencyKey: `${create.idempotencyKey}b` });
      expect(again.id).not.toBe(id);
    });

    it('is known by its stamp', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.stamps, 'the system keeps no stamp');
      const create = scene.createOf(scene.nth(1));
      const { id } = await scene.applied(create);
      expect((await scene.read(id)).stamp).toEqual({ state: 'read', stamp: create.stamp });
      const [listed] = await scene.list();
      expect(listed?.stamp.state).not.toBe('none');
    });
  });
}

function describeSlots(make: () => Promise<BridgeHarness>): void {
  describe('a slot that only one can hold', () => {
    it('is refused to a second, and touching is not overlapping', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.exclusiveSlots, 'items may overlap');
      const at = (from: string, to: string, title: string) =>
        scene.timed(`2026-10-06T${from}:00Z`, `2026-10-06T${to}:00Z`, { title });
      await scene.harness.personCreates(at('10:00', '12:00', 'Holder'));
      const refused = await scene.writeOne(scene.createOf(at('11:00', '13:00', 'Kommer for sent')));
      expect(refused.kind).toBe('slot-taken');
      const beside = await scene.applied(scene.createOf(at('12:00', '13:00', 'Etterpå')));
      const into = scene.updateOf(beside, ['slot'], at('11:30', '12:30', 'Etterpå'));
      expect((await scene.writeOne(into)).kind).toBe('slot-taken');
      expect(await scene.list()).toHaveLength(2);
    });

    it('can be exchanged: give up A, move B, move A, take A again', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.suspends, 'no item can give up its slot');
      const [slotA, slotB] = [scene.nth(1), scene.nth(2)];
      const a = await scene.applied(scene.createOf({ ...slotA, title: 'A' }));
      const b = await scene.applied(scene.createOf({ ...slotB, title: 'B' }));
      const slotWrite = (kind: 'suspend' | 'resume', id: ExternalId) =>
        ({ kind, mappingId: scene.cancelOf({ id }).mappingId, id }) as const;
      const outcomes = await scene.write(
        slotWrite('suspend', a.id),
        scene.updateOf({ id: b.id }, ['slot'], slotA),
        scene.updateOf({ id: a.id }, ['slot'], slotB),
        slotWrite('resume', a.id),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('applied'));
      const now = await scene.list();
      const slots = new Map(now.map(({ event }) => [event.title, event.start]));
      expect(slots).toEqual(
        new Map([
          ['A', slotB.start],
          ['B', slotA.start],
        ]),
      );
      expect((await scene.read(a.id)).event.description).toBe(slotA.description);
    });

    it('is free while its item is suspended, and then taken', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.suspends, 'no item can give up its slot');
      const { id } = await scene.applied(scene.createOf(scene.nth(1)));
      const { mappingId } = scene.cancelOf({ id });
      await scene.writeOne({ kind: 'suspend', mappingId, id });
      expect((await scene.list()).filter((item) => item.suspended !== true)).toEqual([]);
      await scene.harness.personCreates(scene.nth(1, { title: 'Noen andre' }));
      const outcome = await scene.writeOne({ kind: 'resume', mappingId, id });
      expect(outcome.kind).toBe('slot-taken');
    });
  });
}
