import { describe, expect, it } from 'vitest';
import { june, made, startTown } from './harness.ts';

const times = { from_: '2026-06-10T18:00:00', to_: '2026-06-10T20:00:00' };
const choir = { id: 7, ...times, resources: [12], organization_name: 'Choir', organization_id: 4 };
const [begin, end] = ['2026-06-11T18:00:00', '2026-06-11T20:00:00'];
const next = {
  organization_id: 4,
  season_id: 1,
  from_: begin,
  to_: end,
  resource_ids: [12],
};

describe('allocations', () => {
  it('are read by id with naive times, 404 where unknown', async () => {
    const town = await startTown({ allocations: [choir] });
    expect((await town.call('GET', '/booking/allocations/7')).json).toEqual({
      id: 7,
      active: 1,
      from_: '2026-06-10 18:00:00',
      to_: '2026-06-10 20:00:00',
      resources: [12],
      organization_id: 4,
      season_id: 1,
      cost: 0,
      completed: 0,
      skip_bas: 0,
      additional_invoice_information: '',
      building_name: 'Town hall',
    });
    expect((await town.call('GET', '/booking/allocations/8')).status).toBe(404);
  });

  it('are made, changed and deleted', async () => {
    const town = await startTown({ allocations: [choir] });
    const created = await town.call('POST', '/booking/allocations', next);
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ success: true, id: 8, allocation: { resources: [12] } });
    expect((await june(town, 12))[1]).toMatchObject({
      type: 'allocation',
      organization_name: 'Choir',
    });
    const moved = await town.call('PUT', '/booking/allocations/8', { resources: [13] });
    expect(moved.json).toMatchObject({ success: true, allocation: { resources: [13] } });
    expect(await june(town, 13)).toHaveLength(1);
    expect((await town.call('DELETE', '/booking/allocations/8')).status).toBe(200);
    expect(await june(town, 13)).toEqual([]);
    expect((await town.call('DELETE', '/booking/allocations/8')).status).toBe(404);
  });

  it('need their fields and collide with events and other allocations', async () => {
    const town = await startTown({ allocations: [choir] });
    await made(town, 12, { from_: begin, to_: end });
    const without = await town.call('POST', '/booking/allocations', { ...next, season_id: '' });
    expect(without.json).toEqual({ error: 'Missing required field: season_id' });
    const event = await town.call('POST', '/booking/allocations', next);
    expect(event.status).toBe(409);
    expect(event.json['details']).toEqual({ conflict_event: expect.any(String) });
    const other = await town.call('POST', '/booking/allocations', { ...next, ...times });
    expect(other.json['details']).toEqual({ conflict_allocation: expect.any(String) });
    const turned = { from_: end, to_: begin };
    expect((await town.call('POST', '/booking/allocations', { ...next, ...turned })).status).toBe(
      400,
    );
  });

  it('share numbers with events and bookings without being the same record', async () => {
    const town = await startTown({
      allocations: [choir],
      events: [{ id: 7, ...times, resources: [13], name: 'Event seven' }],
    });
    await town.call('PUT', '/booking/events/7', { name: 'Renamed' });
    expect((await june(town, 12))[0]).toMatchObject({ id: 7, organization_name: 'Choir' });
    expect((await june(town, 13))[0]).toMatchObject({ id: 7, name: 'Renamed' });
  });
});
