import { describe, expect, it } from 'vitest';
import { answer, jsonInit, june, made, newEvent, startTown } from './harness.ts';

describe("a person's change in the web pages", () => {
  it('makes, changes and cancels events without a session and outside the request log', async () => {
    const town = await startTown();
    town.simulator.log.clear();
    const created = await town.people(
      'POST',
      '/booking/resources/12/events',
      newEvent({ is_public: 1, description: 'Open to all', source: 'web' }),
    );
    expect(created.status).toBe(201);
    const path = `/booking/events/${String(created.json['id'])}`;
    await town.people('PUT', path, { name: 'Moved', resources: [13] });
    expect(town.simulator.log.since(-Infinity).requests).toEqual([]);
    expect(await june(town, 13)).toMatchObject([{ name: 'Moved', description: 'Open to all' }]);
    await town.people('PATCH', `${path}/toggle-active`, { active: 0 });
    expect(await june(town, 13)).toEqual([]);
  });

  it('can blank fields and delete for good, which REST cannot', async () => {
    const town = await startTown();
    const id = await made(town, 12, { description: 'Agenda' });
    const path = `/booking/events/${id}`;
    await town.people('PUT', path, { description: '' });
    expect((await town.call('GET', path)).json).toMatchObject({ description: '' });
    expect((await town.people('PUT', path, { active: 0 })).status).toBe(200);
    expect((await town.people('DELETE', path)).status).toBe(200);
    expect((await town.call('GET', path)).status).toBe(404);
    expect(await made(town, 12)).toBe(id + 1);
  });

  it('changes and deletes bookings', async () => {
    const town = await startTown({
      bookings: [
        {
          id: 3,
          from_: '2026-06-10 10:00',
          to_: '2026-06-10 11:00',
          resources: [12],
          group_name: 'Choir',
        },
      ],
    });
    await town.people('PUT', '/booking/bookings/3', { to_: '2026-06-10 12:00' });
    expect(await june(town, 12)).toMatchObject([{ to_: '2026-06-10T12:00:00+02:00' }]);
    await town.people('DELETE', '/booking/bookings/3');
    expect(await june(town, 12)).toEqual([]);
  });

  it('names its domain in body or query where there are several', async () => {
    const town = await startTown();
    town.simulator.seed({ domains: [{ domain: 'city' }] });
    const change = (path: string, extra: object) =>
      town.raw(
        'POST',
        '/__sim/people',
        jsonInit({ method: 'POST', path, body: newEvent(), ...extra }),
      );
    const path = '/booking/resources/12/events';
    expect((await change(path, {})).status).toBe(400);
    expect((await change(path, { domain: 'city' })).status).toBe(404);
    expect((await change(path, { domain: 'town' })).status).toBe(201);
    expect((await change(`${path}?domain=town`, {})).status).toBe(409);
    expect((await change('/elsewhere', { domain: 'town' })).status).toBe(400);
    const unknown = await answer(await change('/booking/nothing', { domain: 'town' }));
    expect(unknown.status).toBe(404);
  });
});
