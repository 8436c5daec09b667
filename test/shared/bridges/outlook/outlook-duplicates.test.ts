import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import { create, created, EVENTS, failureOf, native, read, write } from './phrases.ts';
import { ROOM, world } from './support.ts';

describe('a create that Outlook has seen before', () => {
  it('is found by the id that Outlook names', async () => {
    const place = world();
    const item = await created(place, 1);
    place.clock.advance(3_600_000);
    const [outcome] = await write(place, create(1));
    expect(outcome).toMatchObject({ kind: 'duplicate', item: { id: item.id } });
  });

  it('is found by its stamp where Outlook names no id', async () => {
    const place = world();
    const item = await created(place, 1);
    const { stamp } = create(1);
    place.simulator.faults.add({
      match: { method: 'POST', path: '/events' },
      times: 1,
      status: 400,
      body: { error: { code: '', innererror: { code: 'errorduplicatetransactionid' } } },
    });
    const [outcome] = await write(place, create(1));
    expect(outcome).toEqual({
      kind: 'duplicate',
      item: { ...item, stamp: { state: 'read', stamp } },
    });
  });

  it("is not taken for a person's copy that bears the same stamp", async () => {
    const place = world();
    const item = await created(place, 1);
    const one = `${EVENTS}/${encodeURIComponent(item.id)}`;
    const names = ['BridgeSource', 'BridgeEventId', 'BridgeMapping'];
    const set = 'String {8f4b1c52-6d0e-4f0a-9a37-5b1d2c7e90f4} Name';
    const filter = names.map((name) => `id eq '${set} ${name}'`).join(' or ');
    const expand = encodeURIComponent(`singleValueExtendedProperties($filter=${filter})`);
    const { singleValueExtendedProperties } = await place.graph('GET', `${one}?$expand=${expand}`);
    expect(singleValueExtendedProperties).toHaveLength(3);
    const { id } = await place.graph('POST', EVENTS, native(4, { singleValueExtendedProperties }));
    await place.graph('DELETE', one);
    expect(await write(place, create(1))).toEqual([{ kind: 'duplicate' }]);
    const [verdict] = await place.bridge.readItems(ROOM, [id as ExternalId], UNBOUNDED);
    expect(verdict).toMatchObject({ item: { stamp: { state: 'read', stamp: create(1).stamp } } });
  });

  it('whose answer was lost is done, and found by its next try', async () => {
    const place = world();
    place.simulator.faults.add({ match: { path: '/events' }, times: 1, drop: 'after' });
    const outcomes = await write(place, create(1), create(2));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['failed', 'failed']);
    expect(failureOf(outcomes[0])).toMatchObject({ kind: 'unavailable' });
    const again = await write(place, create(1), create(2));
    expect(again.every(({ kind }) => kind === 'applied' || kind === 'duplicate')).toBe(true);
    expect((await read(place)).items).toHaveLength(2);
  });
});
