import { describe, expect, it } from 'vitest';
import { june, made, startTown, type Harness, type Json } from './harness.ts';

const put = async (town: Harness, id: number, body: Json) =>
  await town.call('PUT', `/booking/events/${id}`, body);

const toggle = async (town: Harness, id: number, body?: Json) =>
  await town.call('PATCH', `/booking/events/${id}/toggle-active`, body);

describe('changing an event', () => {
  it('changes only the fields sent, by the names of the model', async () => {
    const town = await startTown();
    const id = await made(town, 12, { description: 'Agenda' });
    const changed = await put(town, id, {
      name: 'Budget 2027',
      from_: '2026-06-25T15:00:00',
      to_: '2026-06-25T16:00:00',
    });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({
      success: true,
      event: { name: 'Budget 2027', description: 'Agenda', from_: '2026-06-25T15:00:00+02:00' },
    });
    expect((await town.call('GET', `/booking/events/${id}`)).json).toEqual(changed.json['event']);
    expect(await june(town, 12)).toMatchObject([{ name: 'Budget 2027' }]);
  });

  it('drops a sent title and other unknown fields without an error', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    const changed = await put(town, id, { title: 'Lost', id: 99, colour: 'red' });
    expect(changed.status).toBe(200);
    expect(changed.json['event']).toMatchObject({ id, name: 'Budget' });
    expect(changed.json['event']).not.toHaveProperty('colour');
  });

  it('drops empty values, so that nothing can be blanked', async () => {
    const town = await startTown();
    const id = await made(town, 12, { description: 'Agenda', equipment: 'Projector' });
    const changed = await put(town, id, {
      name: 'Renamed',
      description: '',
      equipment: null,
      reminder: 0,
      active: 0,
    });
    expect(changed.json['event']).toMatchObject({
      name: 'Renamed',
      description: 'Agenda',
      equipment: 'Projector',
      reminder: 1,
      active: true,
    });
    expect((await put(town, id, { description: '' })).status).toBe(400);
    expect((await put(town, id, {})).status).toBe(400);
  });

  it('refuses what is not valid and changes nothing', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    for (const body of [
      { contact_name: 'x'.repeat(51) },
      { from_: 'never' },
      { to_: '2026-06-25T12:00:00' },
      { resources: 'all' },
    ]) {
      const refused = await put(town, id, { ...body, name: 'Changed' });
      expect(refused.status).toBe(400);
      expect(refused.json).toEqual({ error: 'Validation failed', details: [expect.any(String)] });
    }
    expect(await june(town, 12)).toMatchObject([{ name: 'Budget' }]);
  });

  it('answers 409 where an active event would overlap another, and not for itself', async () => {
    const town = await startTown();
    await made(town, 12);
    const id = await made(town, 12, { from_: '2026-06-25T15:00:00', to_: '2026-06-25T16:00:00' });
    const clash = await put(town, id, { from_: '2026-06-25T13:30:00' });
    expect(clash.status).toBe(409);
    expect(clash.json).toEqual({ error: expect.any(String), details: expect.any(String) });
    const move = { from_: '2026-06-25T14:00:00', to_: '2026-06-25T15:30:00' };
    expect((await put(town, id, move)).status).toBe(200);
  });

  it('moves an event to another room, where that one is free', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    const other = await made(town, 13);
    expect((await put(town, id, { resources: [13] })).status).toBe(409);
    await toggle(town, other, { active: 0 });
    expect((await put(town, id, { resources: [13] })).status).toBe(200);
    expect(await june(town, 12)).toEqual([]);
    expect(await june(town, 13)).toMatchObject([{ id }]);
    expect((await put(town, id, { resources: [404] })).status).toBe(500);
  });

  it('changes an inactive event without a look at others, and active=1 brings it back', async () => {
    const town = await startTown();
    await made(town, 12);
    const id = await made(town, 13);
    await toggle(town, id, { active: 0 });
    expect((await put(town, id, { resources: [12], name: 'Waiting' })).status).toBe(200);
    expect((await put(town, id, { active: 1 })).status).toBe(409);
    expect((await put(town, id, { active: 1, resources: [13] })).status).toBe(200);
    expect(await june(town, 13)).toMatchObject([{ id, name: 'Waiting' }]);
  });

  it('answers 404 for an unknown id and 400 for what is no id', async () => {
    const town = await startTown();
    expect((await town.call('GET', '/booking/events/77')).status).toBe(404);
    expect((await put(town, 77, { name: 'x' })).status).toBe(404);
    expect((await town.call('GET', '/booking/events/abc')).status).toBe(400);
    expect((await toggle(town, 77)).status).toBe(404);
  });
});

describe('setting an event active or inactive', () => {
  it('takes it out of the schedule and keeps it readable by id', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    const off = await toggle(town, id, { active: 0 });
    expect(off.json).toEqual({
      success: true,
      message: expect.any(String),
      event_id: id,
      active: false,
      event: expect.objectContaining({ id, active: false }),
    });
    expect(await june(town, 12)).toEqual([]);
    expect((await town.call('GET', `/booking/events/${id}`)).json).toMatchObject({
      id,
      active: false,
      name: 'Budget',
    });
  });

  it('flips without a body, and the same state again is no error', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    expect((await toggle(town, id)).json).toMatchObject({ active: false });
    expect((await toggle(town, id, { active: 0 })).json).toMatchObject({ active: false });
    expect((await toggle(town, id)).json).toMatchObject({ active: true });
    expect((await toggle(town, id, { active: 1 })).json).toMatchObject({ active: true });
  });

  it('answers 409 where the time was taken meanwhile', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    await toggle(town, id, { active: 0 });
    await made(town, 12);
    expect((await toggle(town, id, { active: 1 })).status).toBe(409);
    expect((await toggle(town, id)).status).toBe(409);
    expect((await town.call('GET', `/booking/events/${id}`)).json).toMatchObject({ active: false });
  });

  it('is the only way to delete: DELETE is 405, bookings have no route of their own', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    const { session_id: session } = (await town.login()).json;
    const query = `sessionphpgwsessid=${String(session)}&domain=town&phpgw_return_as=json&api_mode=1`;
    const headers = { accept: 'application/json' };
    const gone = await town.raw('DELETE', `/booking/events/${id}?${query}`, { headers });
    expect(gone.status).toBe(405);
    expect(gone.headers.get('allow')).toBe('GET, PUT');
    const none = await town.raw('GET', `/booking/bookings/1?${query}`, { headers });
    expect(none.status).toBe(404);
    expect(await none.json()).toEqual({ message: '404 Not Found' });
    const page = await town.raw('GET', '/nowhere');
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await june(town, 12)).toHaveLength(1);
  });
});
