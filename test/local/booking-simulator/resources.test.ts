import { describe, expect, it } from 'vitest';
import { startTown } from './harness.ts';

const building_id = 1;

describe('the list of resources', () => {
  it('shows active ones that are not hidden, and counts hidden ones in the total', async () => {
    const town = await startTown({
      resources: [
        {
          id: 1,
          name: 'Open',
          building_id,
          capacity: 8,
          opening_hours: '08-16',
          description_json: { no: 'Åpen' },
        },
        { id: 2, name: 'Hidden', building_id, hidden: 1 },
        { id: 3, name: 'Closed', building_id, active: 0 },
      ],
    });
    const { json } = await town.call('GET', '/booking/resources');
    expect(json).toEqual({
      total_records: 2,
      start: 0,
      sort: 'id',
      dir: 'ASC',
      results: [
        {
          id: 1,
          name: 'Open',
          activity_id: 1,
          active: 1,
          building_id: 1,
          sort: 0,
          capacity: 8,
          opening_hours: '08-16',
          hidden_in_frontend: false,
          deactivate_calendar: false,
          deactivate_application: false,
          description_json: '{"no":"Åpen"}',
        },
      ],
    });
  });

  it('pages by start and results, 15 by default and all for 0 or less', async () => {
    const rooms = Array.from({ length: 20 }, (_, index) => ({
      id: index + 1,
      name: `Room ${index + 1}`,
      building_id,
    }));
    const town = await startTown({ resources: rooms });
    const ids = async (query: string) => {
      const { json } = await town.call('GET', `/booking/resources?${query}`);
      return (json['results'] as { id: number }[]).map(({ id }) => id);
    };
    expect(await ids('')).toHaveLength(15);
    expect(await ids('start=15')).toEqual([16, 17, 18, 19, 20]);
    expect(await ids('start=2&results=3')).toEqual([3, 4, 5]);
    expect(await ids('results=0')).toHaveLength(20);
    expect(await ids('results=-1')).toHaveLength(20);
    expect(await ids('results=2&dir=desc')).toEqual([20, 19]);
    expect(await ids('results=2&sort=name')).toEqual([1, 10]);
    expect(await ids('results=2&sort=secret')).toEqual([1, 2]);
  });

  it('leaves members out of the short form', async () => {
    const town = await startTown();
    const { json } = await town.call('GET', '/booking/resources?short=1&results=1');
    expect(json['results']).toEqual([
      {
        id: 12,
        name: 'Council room',
        activity_id: 1,
        active: 1,
        building_id: 1,
        deactivate_calendar: false,
        deactivate_application: false,
      },
    ]);
  });

  it('keeps municipalities apart', async () => {
    const town = await startTown();
    town.simulator.seed({
      domains: [{ domain: 'city', resources: [{ id: 99, name: 'Elsewhere', building_id }] }],
    });
    const { json } = await town.call('GET', '/booking/resources');
    expect(json['total_records']).toBe(2);
    const schedule = '/booking/resources/99/schedule?start_date=2026-06-01';
    expect((await town.call('GET', schedule)).status).toBe(404);
  });
});
