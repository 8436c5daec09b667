import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DroppedConnection } from '../../../local/simulator-kit/faults.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import { answer, jsonInit, june, made, newEvent, startTown, townSeed } from './harness.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('steering the simulated booking system', () => {
  it('seeds over HTTP, again without undoing what was changed since', async () => {
    const events = [
      {
        id: 5,
        name: 'Seeded',
        from_: '2026-06-02T10:00',
        to_: '2026-06-02T11:00',
        resources: [12],
      },
    ];
    const town = await startTown({ events });
    await town.call('PUT', '/booking/events/5', { name: 'Changed' });
    const again = await town.raw('POST', '/__sim/seed', jsonInit(townSeed({ events })));
    expect(again.status).toBe(200);
    expect(await june(town, 12)).toMatchObject([{ id: 5, name: 'Changed' }]);
    expect(await made(town, 12)).toBe(6);
  });

  it('refuses a seed of the wrong form and says what is wrong', async () => {
    const town = await startTown();
    const events = [{ id: 1, name: 'x', from_: 'never', to_: '2026-06-02T11:00', resources: [12] }];
    const refused = await answer(
      await town.raw('POST', '/__sim/seed', jsonInit({ domains: [{ domain: 'town', events }] })),
    );
    expect(refused.status).toBe(400);
    expect(refused.json['error']).toContain('from_');
  });

  it('logs published requests with their rooms, and not its own', async () => {
    const town = await startTown();
    town.simulator.log.clear();
    await june(town, 12);
    const both = newEvent({ resource_ids: [12, 13] });
    await town.call('POST', '/booking/events', both);
    await town.call('PUT', '/booking/events/1', { name: 'Renamed' });
    const { json } = await answer(await town.raw('GET', '/__sim/requests'));
    expect(json['counts']).toEqual({ total: 3, GET: 1, POST: 1, PUT: 1 });
    expect(json['requests']).toMatchObject([
      { method: 'GET', status: 200, resource: '12' },
      { method: 'POST', status: 201, resource: '12,13' },
      { method: 'PUT', status: 200, resource: '12,13', time: '2026-06-01T08:00:00.000Z' },
    ]);
  });

  it('answers as a fault says, for as many requests as it says', async () => {
    const town = await startTown();
    const fault = {
      match: { path: '/schedule' },
      times: 1,
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Maintenance</html>',
    };
    expect((await town.raw('POST', '/__sim/faults', jsonInit(fault))).status).toBe(201);
    expect((await town.call('GET', '/booking/resources')).status).toBe(200);
    const page = await town.raw('GET', '/booking/resources/12/schedule?start_date=2026-06-01');
    expect(await page.text()).toBe('<html>Maintenance</html>');
    expect(await june(town, 12)).toEqual([]);
  });

  it('cuts the connection before or after the work is done', async () => {
    const town = await startTown();
    const post = () => town.call('POST', '/booking/resources/12/events', newEvent());
    for (const drop of ['before', 'after'] as const) {
      town.simulator.faults.add({ match: { method: 'POST' }, times: 1, drop });
      await expect(post()).rejects.toBeInstanceOf(DroppedConnection);
      expect(await june(town, 12)).toHaveLength(drop === 'before' ? 0 : 1);
    }
    const statuses = town.simulator.log.since(-Infinity).requests.map(({ status }) => status);
    expect(statuses.filter((status) => status === 0)).toHaveLength(2);
  });

  it('empties itself on reset', async () => {
    const town = await startTown();
    await made(town, 12);
    expect((await town.raw('POST', '/__sim/reset')).status).toBe(204);
    expect((await town.call('GET', '/booking/resources')).status).toBe(401);
    town.simulator.seed(townSeed());
    expect((await town.login()).status).toBe(200);
  });

  it('keeps everything over a restart, sessions too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'booking-simulator-'));
    folders.push(folder);
    const file = join(folder, 'booking.jsonl');
    const before = await startTown({}, { journal: new Journal(file) });
    const id = await made(before, 12);
    const { session_id: session } = (await before.login()).json;
    const after = await startTown({}, { journal: new Journal(file) });
    expect(await june(after, 12)).toMatchObject([{ id }]);
    const query = `sessionphpgwsessid=${String(session)}&domain=town&phpgw_return_as=json&api_mode=1`;
    expect((await after.raw('GET', `/refreshsession?${query}`)).status).toBe(200);
    expect(await made(after, 13)).toBe(id + 1);
  });
});
