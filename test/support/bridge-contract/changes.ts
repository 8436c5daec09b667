import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import { stage, WINDOW, type BridgeHarness } from './harness.ts';

type Make = () => Promise<BridgeHarness>;

/** Cursors, and answers that are none. */
export function describeChanges(make: Make): void {
  describe('changes since a cursor', () => {
    it('are everything where the system has no cursors', async (context) => {
      const scene = await stage(make);
      if (scene.can.changes === 'delta') return context.skip('the system has cursors');
      await scene.harness.personCreates(scene.nth(1));
      const { cursor } = await scene.readChanges();
      await scene.harness.personCreates(scene.nth(2));
      const next = await scene.readChanges(cursor);
      expect(next).toMatchObject({ kind: 'complete', window: WINDOW });
      expect(next.items).toHaveLength(2);
    });

    it('are what changed, and nothing where nothing did', async (context) => {
      const scene = await stage(make);
      if (scene.can.changes === 'list') return context.skip('the system has no cursors');
      const none = { kind: 'changes', window: WINDOW, items: [], removed: [], seriesScopes: [] };
      const first = await scene.harness.personCreates(scene.nth(1));
      const start = await scene.readChanges();
      const quiet = await scene.readChanges(start.cursor);
      expect(quiet).toMatchObject(none);
      const second = await scene.harness.personCreates(scene.nth(2));
      await scene.harness.personChanges(first, { title: 'Endret' });
      const busy = await scene.readChanges(quiet.cursor);
      expect(busy).toMatchObject({ ...none, items: expect.anything() as unknown });
      expect(busy.items.map(({ id }) => id).sort()).toEqual([first, second].sort());
      expect(await scene.readChanges(busy.cursor)).toMatchObject(none);
    });

    it('name what was deleted, and hint at what left the window', async (context) => {
      const scene = await stage(make);
      if (scene.can.changes === 'list') return context.skip('the system has no cursors');
      const deleted = await scene.harness.personCreates(scene.nth(1));
      const moved = await scene.harness.personCreates(scene.nth(2));
      const { cursor } = await scene.readChanges();
      await scene.harness.personRemoves(deleted);
      const later = scene.timed('2027-06-01T10:00:00Z', '2027-06-01T11:00:00Z');
      const { start, timeZone, duration, showWithoutTime } = later;
      await scene.harness.personChanges(moved, { start, timeZone, duration, showWithoutTime });
      const changes = await scene.readChanges(cursor);
      if (changes.kind !== 'changes') throw new Error('changes were expected');
      expect(changes.removed.toSorted()).toEqual([deleted, moved].sort());
      expect(changes.items).toEqual([]);
      expect((await scene.look(moved)).kind).toBe('alive');
    });

    it('start anew, completely, with another version of the window', async (context) => {
      const scene = await stage(make);
      if (scene.can.changes === 'list') return context.skip('the system has no cursors');
      const id = await scene.harness.personCreates(scene.nth(1));
      const { cursor } = await scene.readChanges();
      const snapshot = await scene.readChanges(cursor, { ...WINDOW, version: 2 });
      expect(snapshot.kind).toBe('complete');
      expect(snapshot.items.map((item) => item.id)).toEqual([id]);
    });

    it('cannot be told by a cursor that is too old, or is none', async (context) => {
      const scene = await stage(make);
      const { expireCursors } = scene.harness;
      if (scene.can.changes === 'list' || expireCursors === undefined)
        return context.skip('cursors do not expire');
      const { cursor } = await scene.readChanges();
      await expireCursors();
      const old = scene.readChanges(cursor);
      await expect(old).rejects.toMatchObject({ name: 'BridgeError', kind: 'cursor-expired' });
      const nonsense = scene.readChanges('no cursor of ours');
      await expect(nonsense).rejects.toMatchObject({ kind: 'cursor-expired' });
      expect((await scene.readChanges()).kind).toBe('complete');
    });
  });
  describeNonsense(make);
}

function describeNonsense(make: Make): void {
  describe('an answer that is none', () => {
    for (const how of ['html', 'cut-json'] as const)
      it(`ends a read as invalid-response (${how})`, async (context) => {
        const scene = await stage(make);
        const { breakNext, personCreates } = scene.harness;
        if (breakNext === undefined) return context.skip('answers cannot be spoilt');
        const id = await personCreates(scene.nth(1));
        await scene.list();
        await breakNext(how);
        await expect(scene.readChanges()).rejects.toMatchObject({ kind: 'invalid-response' });
        await breakNext(how);
        const looked = await scene.look(id).catch(asFailure);
        expect(['unknown', 'failed']).toContain(looked.kind);
        expect(await scene.list()).toHaveLength(1);
      });

    it('to a write is a failure, and never "applied"', async (context) => {
      const scene = await stage(make);
      const { breakNext } = scene.harness;
      if (breakNext === undefined) return context.skip('answers cannot be spoilt');
      await scene.list();
      await breakNext('html');
      const outcome = await scene.writeOne(scene.createOf(scene.nth(1))).catch(asFailure);
      expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'invalid-response' } });
    });
  });
}

/** A bridge may throw where the whole call failed, or say so for each part. */
function asFailure(error: unknown): { readonly kind: 'failed'; readonly error: BridgeError } {
  if (error instanceof BridgeError) return { kind: 'failed', error };
  throw error;
}
