import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../shared/bridges/bridge.ts';
import type { ExternalId } from '../../../shared/model/ids.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import {
  CONTRACT_NOW,
  freely,
  instant,
  stage,
  WINDOW,
  type BridgeHarness,
  type Scene,
} from './harness.ts';

type Make = () => Promise<BridgeHarness>;

/** Complete reads, their window, and the look by id. */
export function describeReading(make: Make): void {
  describe('a first read', () => {
    it('says everything, and nothing of an empty resource', async () => {
      const scene = await stage(make);
      const empty = await scene.readChanges();
      expect(empty).toMatchObject({ kind: 'complete', window: WINDOW, items: [] });
      const ids = await personCreates(scene, 3);
      expect(idsOf(await scene.list())).toEqual(ids.toSorted());
    });

    it('takes the window as half-open', async () => {
      const scene = await stage(make);
      const made = (from: string, to: string) =>
        scene.harness.personCreates(scene.timed(`2026-11-${from}:00Z`, `2026-11-${to}:00Z`));
      await made('10T09:00', '10T10:00');
      await made('11T10:00', '11T11:00');
      const first = await made('10T10:00', '10T11:00');
      const last = await made('11T09:00', '11T10:00');
      expect(idsOf(await scene.list(DAY))).toEqual([first, last].toSorted());
    });

    it('shows what reaches over both edges of the window', async () => {
      const scene = await stage(make);
      const content = scene.timed('2026-11-10T08:00:00Z', '2026-11-11T12:00:00Z');
      const id = await scene.harness.personCreates(content);
      expect(idsOf(await scene.list(DAY))).toEqual([id]);
    });
  });
  describeItems(make);
  describeConfirmation(make);
}

const DAY = {
  version: 1,
  start: instant('2026-11-10T10:00:00Z'),
  end: instant('2026-11-11T10:00:00Z'),
};

function describeItems(make: Make): void {
  describe('an item', () => {
    it('is what a person wrote, and surely not ours', async () => {
      const scene = await stage(make);
      const content = scene.nth(1, { title: 'Årsmøte', description: 'Dørene åpner 18' });
      const id = await scene.harness.personCreates(content);
      const item = await scene.read(id);
      expect(scene.fieldsOf(item)).toMatchObject(scene.expected(content, item));
      expect(item.stamp).toEqual({ state: 'none' });
      expect(item.unsupported).toBeUndefined();
      expect((await scene.list()).map(({ stamp }) => stamp)).toEqual([{ state: 'none' }]);
    });

    it('has the same fields in a list, by id and in the answer to a write', async () => {
      const scene = await stage(make);
      const written = await scene.applied(scene.createOf(scene.nth(1)));
      const byId = await scene.read(written.id);
      const [listed] = await scene.list();
      if (listed === undefined) throw new Error('the item is not listed');
      expect(listed.id).toBe(written.id);
      expect(scene.fieldsOf(byId)).toMatchObject(scene.fieldsOf(written));
      expect(scene.fieldsOf(byId)).toMatchObject(scene.fieldsOf(listed));
      expect(byId.shown.toSorted()).toEqual([...scene.can.readable].sort());
      // A system without versions makes them of what it showed, and a list may show less.
      const versions = scene.can.conditionalWrites ? [written.version, listed.version] : [];
      for (const version of versions) expect(version).toEqual(byId.version);
    });

    it('moves its version with a change, and only with a change', async () => {
      const scene = await stage(make);
      const id = await scene.harness.personCreates(scene.nth(1));
      const first = await scene.read(id);
      expect((await scene.read(id)).version).toEqual(first.version);
      await scene.harness.personChanges(id, { title: 'Flyttet' });
      const second = await scene.read(id);
      expect(second.version).not.toEqual(first.version);
      expect(second.event.title).toBe('Flyttet');
      expect(second.lastModified !== undefined).toBe(scene.can.lastModified);
    });

    it('is read by id in the order asked', async () => {
      const scene = await stage(make);
      const [first, second, third] = await personCreates(scene, 3);
      if (first === undefined || second === undefined || third === undefined)
        throw new Error('three items are needed');
      await scene.harness.personRemoves(second);
      const { bridge, resource } = scene.harness;
      const verdicts = await bridge.readItems(resource, [third, second, first], freely);
      expect(
        verdicts.map((verdict) => ('item' in verdict ? verdict.item.id : verdict.kind)),
      ).toEqual([third, scene.harness.cannotReadById === true ? 'unknown' : 'gone', first]);
    });
  });

  describe('a pass', () => {
    it('is asked before every call, and none goes out where it may not go on', async () => {
      const scene = await stage(make);
      const { bridge, resource } = scene.harness;
      const stop = new Error('the lease is lost');
      const context = { beforeCall: () => Promise.reject(stop) };
      await expect(bridge.readChanges(resource, undefined, WINDOW, context)).rejects.toBe(stop);
      const writes = [scene.createOf(scene.nth(1))];
      await expect(bridge.write(resource, writes, context)).rejects.toBe(stop);
      expect(await scene.list()).toEqual([]);
    });
  });
}

function describeConfirmation(make: Make): void {
  describe('confirming that items are gone', () => {
    it('tells the gone from the living, also outside the window', async () => {
      const scene = await stage(make);
      const { harness } = scene;
      const gone = await harness.personCreates(scene.nth(1));
      const alive = await harness.personCreates(scene.nth(2));
      const beyond = await harness.personCreates(
        scene.timed('2027-06-01T10:00:00Z', '2027-06-01T11:00:00Z'),
      );
      await harness.personRemoves(gone);
      const { bridge, resource, cannotReadById } = harness;
      const confirm = async (more: Omit<Candidate, 'id'> = {}) => {
        const candidates = [alive, gone, beyond].map((id) => ({ id, ...more }));
        const verdicts = await bridge.confirmGone(resource, candidates, WINDOW, freely);
        return verdicts.map(({ kind }) => kind);
      };
      const ended = cannotReadById === true ? 'unknown' : 'gone';
      expect(await confirm()).toEqual(['alive', ended, 'alive']);
      const missingSince = (CONTRACT_NOW - 5 * 60_000) as Instant;
      expect(await confirm({ missingSince })).toEqual(['alive', 'gone', 'alive']);
    });

    it('says so where an item lives on another resource', async (context) => {
      const scene = await stage(make);
      const { bridge, resource, personCreates, personMovesAway } = scene.harness;
      if (personMovesAway === undefined) return context.skip('items stay where they are');
      const id = await personCreates(scene.nth(1));
      await personMovesAway(id);
      const verdicts = await bridge.confirmGone(resource, [{ id }], WINDOW, freely);
      expect(verdicts).toEqual([{ kind: 'elsewhere' }]);
      expect(await scene.list()).toEqual([]);
    });
  });
}

async function personCreates(scene: Scene, count: number): Promise<readonly ExternalId[]> {
  const ids: ExternalId[] = [];
  for (let n = 1; n <= count; n += 1) ids.push(await scene.harness.personCreates(scene.nth(n)));
  return ids;
}

/** Sorted, since lists have no order. */
function idsOf(items: readonly { readonly id: ExternalId }[]): readonly ExternalId[] {
  return items.map(({ id }) => id).sort();
}
