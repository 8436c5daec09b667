import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import {
  created,
  EVENTS,
  listed,
  meeting,
  startGeneric,
  type GenericTown,
} from './generic-harness.ts';
import { june, made, startTown, townSeed, type Json } from './harness.ts';

const put = async (town: GenericTown, id: string, body: unknown, room = 12) =>
  await town.api('PUT', `/api/resources/${room}/events/${id}`, body);

const end = async (town: GenericTown, id: string, room = 12) =>
  await town.api('DELETE', `/api/resources/${room}/events/${id}`);

describe('making an event over the generic interface', () => {
  it('answers its id and times, and the same event is in the Portico schedule', async () => {
    const town = await startGeneric();
    const body = meeting({
      description: 'Agenda',
      contact_name: 'Kari',
      contact_email: 'kari@town.example',
    });
    const { status, json } = await town.api('POST', EVENTS, body);
    expect(status).toBe(201);
    expect(json).toEqual({
      success: true,
      event_id: '1',
      message: expect.any(String),
      event: {
        id: '1',
        title: 'Budget',
        start_time: '2026-06-25T11:00:00Z',
        end_time: '2026-06-25T12:00:00Z',
        resource_id: '12',
      },
    });
    expect(await june(town, 12)).toMatchObject([
      { id: 1, type: 'event', name: 'Budget', from_: '2026-06-25T13:00:00+02:00' },
    ]);
    expect((await town.call('GET', '/booking/events/1')).json).toMatchObject({
      description: 'Agenda',
      contact_name: 'Kari',
      contact_email: 'kari@town.example',
      organizer: 'Kari',
      building_name: 'Town hall',
    });
    const [event] = await listed(town);
    expect(event).toMatchObject({ id: '1', title: 'Budget', contact_email: 'kari@town.example' });
    expect(event).not.toHaveProperty('source');
    expect(event).not.toHaveProperty('bridge_import');
  });

  it('names the id as the seed says', async () => {
    const auth = { type: 'bearer' as const, key: 'town-key' };
    const town = await startGeneric({ generic: { auth, createdId: 'id' } });
    const { json } = await town.api('POST', EVENTS, meeting());
    expect(json).toMatchObject({ success: true, id: '1' });
    expect(json).not.toHaveProperty('event_id');
  });

  it('takes name for a missing title and the first of attendees for the contact', async () => {
    const town = await startGeneric();
    const { title: _title, ...rest } = meeting({ name: 'Named', attendees: ['a@x.example', 'b'] });
    expect((await town.api('POST', EVENTS, rest)).status).toBe(201);
    expect(await listed(town)).toMatchObject([{ title: 'Named', contact_email: 'a@x.example' }]);
  });

  it.each([
    ['no title', { title: undefined }, ['title']],
    ['a blank title', { title: ' ' }, ['title']],
    ['null for a title', { title: null }, ['title']],
    ['a long title', { title: 'æ'.repeat(128) }, ['title']],
    ['no times', { start_time: undefined, end_time: undefined }, ['start_time', 'end_time']],
    ['a date alone', { start_time: '2026-06-25' }, ['start_time']],
    ['a time that is none', { end_time: '2026-06-25T25:00:00Z' }, ['end_time']],
    ['an offset that is none', { end_time: '2026-06-25T12:00:00+99:00' }, ['end_time']],
    ['a number for a time', { end_time: 1782388800 }, ['end_time']],
    ['an end at the start', { end_time: '2026-06-25T11:00:00Z' }, ['end_time']],
    ['an address that is none', { contact_email: 'kari' }, ['contact_email']],
    ['a long contact', { contact_name: 'x'.repeat(51) }, ['contact_name']],
    ['a list for a text', { description: ['x'] }, ['description']],
  ])('refuses %s and names it', async (_name, overrides, members) => {
    const town = await startGeneric();
    const { status, json } = await town.api('POST', EVENTS, meeting(overrides));
    expect(status).toBe(400);
    expect(json).toMatchObject({
      success: false,
      error: expect.any(String),
      error_code: 'VALIDATION_FAILED',
    });
    expect(Object.keys(json['details'] as Json)).toEqual(members);
    expect(await listed(town)).toEqual([]);
  });

  it.each(['', '{"title":', '[]', 'null', '"x"'])('refuses the body %j', async (body) => {
    const town = await startGeneric();
    const headers = { authorization: 'Bearer town-key' };
    const refused = await town.raw('POST', EVENTS, { headers, body });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ success: false, error_code: 'INVALID_JSON' });
  });

  it('answers 404 for a room that is not there', async () => {
    const town = await startGeneric();
    const refused = await town.api('POST', '/api/resources/99/events', meeting());
    expect(refused.status).toBe(404);
    expect(refused.json).toMatchObject({ error_code: 'RESOURCE_NOT_FOUND' });
  });

  it('answers 409 where an active event holds the time, however that one was made', async () => {
    const town = await startGeneric({
      allocations: [
        {
          id: 1,
          organization_name: 'Club',
          from_: '2026-06-25T15:00',
          to_: '2026-06-25T17:00',
          resources: [12],
        },
      ],
    });
    const other = await made(town, 12);
    const refused = await town.api('POST', EVENTS, meeting({ title: 'Other' }));
    expect(refused.status).toBe(409);
    expect(refused.json).toEqual({
      success: false,
      error: expect.any(String),
      error_code: 'SLOT_TAKEN',
      details: { conflict: expect.stringContaining(`#${other}`) },
    });
    const beside = { start_time: '2026-06-25T12:00:00Z', end_time: '2026-06-25T14:00:00Z' };
    expect((await town.api('POST', EVENTS, meeting(beside))).status).toBe(201);
  });

  it('answers 500 in the same form where the store fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'booking-simulator-'));
    const journal = new Journal(join(folder, 'booking.jsonl'));
    const town = await startGeneric({}, { journal });
    rmSync(folder, { recursive: true });
    const failed = await town.api('POST', EVENTS, meeting());
    expect(failed.status).toBe(500);
    expect(failed.json).toEqual({
      success: false,
      error: expect.any(String),
      error_code: 'INTERNAL_ERROR',
      details: { reason: expect.stringContaining('ENOENT') },
    });
  });
});

describe('changing an event over the generic interface', () => {
  it('changes what is sent and nothing else', async () => {
    const town = await startGeneric();
    const id = await created(town, { description: 'Agenda' });
    const changed = await put(town, id, { title: 'Renamed', source: 'calendar_bridge' });
    expect([changed.status, changed.json]).toEqual([
      200,
      { success: true, event_id: id, message: expect.any(String) },
    ]);
    expect(await listed(town)).toMatchObject([
      { id, title: 'Renamed', description: 'Agenda', start_time: '2026-06-25T11:00:00Z' },
    ]);
  });

  it('blanks with an empty text, which the Portico interface cannot', async () => {
    const town = await startGeneric();
    const contact = { contact_name: 'Kari', contact_email: 'kari@town.example' };
    const id = await created(town, { description: 'Agenda', ...contact });
    await put(town, id, { description: '', contact_name: null, contact_email: '' });
    expect(await listed(town)).toMatchObject([
      { title: 'Budget', description: '', contact_name: '', contact_email: '', attendees: [] },
    ]);
  });

  it('moves only to where there is room, its own time apart', async () => {
    const town = await startGeneric();
    const id = await created(town);
    await created(town, { start_time: '2026-06-25T13:00:00Z', end_time: '2026-06-25T14:00:00Z' });
    const clash = await put(town, id, { end_time: '2026-06-25T13:30:00Z' });
    expect([clash.status, clash.json['error_code']]).toEqual([409, 'SLOT_TAKEN']);
    expect((await put(town, id, { end_time: '2026-06-25T13:00:00Z' })).status).toBe(200);
    expect((await put(town, id, meeting({ title: 'Whole body' }))).status).toBe(200);
    expect((await listed(town))[0]).toMatchObject({
      title: 'Whole body',
      end_time: '2026-06-25T12:00:00Z',
    });
  });

  it.each([
    [{ title: '' }, 'VALIDATION_FAILED'],
    [{ start_time: '2026-06-25T12:00:00Z' }, 'VALIDATION_FAILED'],
    [{ colour: 'red' }, 'NOTHING_TO_CHANGE'],
    [[], 'INVALID_JSON'],
  ])('refuses %j and changes nothing', async (body, code) => {
    const town = await startGeneric();
    const id = await created(town);
    const before = await listed(town);
    town.clock.advance(1000);
    const refused = await put(town, id, body);
    expect([refused.status, refused.json['error_code']]).toEqual([400, code]);
    expect(await listed(town)).toEqual(before);
  });
});

describe('ending an event over the generic interface', () => {
  it('makes it inactive: gone here, still readable by Portico, its time free', async () => {
    const town = await startGeneric();
    const id = await created(town);
    const ended = await end(town, id);
    expect([ended.status, ended.json]).toEqual([
      200,
      { success: true, event_id: id, message: expect.any(String) },
    ]);
    expect(await listed(town)).toEqual([]);
    const { json } = await town.call('GET', `/booking/events/${id}`);
    expect(json).toMatchObject({ active: false, name: 'Budget' });
    expect(await created(town)).not.toBe(id);
  });

  it('answers 404 for one that is not there: ended, unknown, or in another room', async () => {
    const town = await startGeneric();
    const id = await created(town);
    const answers = [await end(town, id, 13), await put(town, id, { title: 'x' }, 13)];
    await end(town, id);
    answers.push(await end(town, id), await put(town, id, { title: 'x' }));
    for (const other of ['77', 'x', '0']) answers.push(await end(town, other));
    for (const { status, json } of answers)
      expect([status, json['error_code']]).toEqual([404, 'EVENT_NOT_FOUND']);
  });

  it('is undone by a person who makes the event active, under its old id', async () => {
    const town = await startGeneric();
    const id = await created(town);
    await end(town, id);
    await town.people('PATCH', `/booking/events/${id}/toggle-active`, { active: 1 });
    expect(await listed(town)).toMatchObject([{ id }]);
  });

  it('ends an event of several rooms in all of them', async () => {
    const town = await startGeneric();
    const both = { title: 'Both', source: 'web', resource_ids: [12, 13] };
    const times = { from_: '2026-06-25T13:00:00', to_: '2026-06-25T14:00:00' };
    await town.call('POST', '/booking/events', { ...both, ...times });
    await end(town, '1', 13);
    expect(await listed(town)).toEqual([]);
  });
});

describe('when an event was made and changed', () => {
  const stamps = async (town: GenericTown): Promise<unknown> => {
    const [event] = await listed(town);
    return [event?.['created_at'], event?.['updated_at']];
  };
  const T0 = '2026-06-01T08:00:00.000Z';
  const at = (second: number): string => `2026-06-01T08:00:0${second}.000Z`;

  it('follows every write, of this interface, of Portico and of people', async () => {
    const town = await startGeneric();
    const id = await created(town);
    expect(await stamps(town)).toEqual([T0, T0]);
    town.clock.advance(1000);
    await put(town, id, { title: 'A' });
    expect(await stamps(town)).toEqual([T0, at(1)]);
    town.clock.advance(1000);
    await town.call('PUT', `/booking/events/${id}`, { name: 'B' });
    expect(await stamps(town)).toEqual([T0, at(2)]);
    town.clock.advance(1000);
    await town.people('PUT', `/booking/events/${id}`, { name: 'C' });
    expect(await stamps(town)).toEqual([T0, at(3)]);
    town.clock.advance(1000);
    town.simulator.seed(townSeed());
    expect(await stamps(town)).toEqual([T0, at(3)]);
  });

  it('is kept over a restart, and not shown by Portico', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'booking-simulator-'));
    const file = join(folder, 'booking.jsonl');
    const before = await startGeneric({}, { journal: new Journal(file) });
    before.clock.advance(5000);
    await created(before);
    const after = await startGeneric({}, { journal: new Journal(file) });
    expect(await stamps(after)).toEqual([at(5), at(5)]);
    const { json } = await after.call('GET', '/booking/events/1');
    expect(Object.keys(json).filter((name) => /_at$|_run$/.test(name))).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('is now for an event of a data folder that kept none yet', async () => {
    const journal = new Journal();
    const before = await startTown({}, { journal });
    const id = await made(before, 12);
    journal.collection('event-stamps').clear();
    const after = await startGeneric({}, { journal });
    after.clock.advance(2000);
    expect(await stamps(after)).toEqual([at(2), at(2)]);
    after.clock.advance(1000);
    expect(await stamps(after)).toEqual([at(2), at(2)]);
    expect(id).toBe(1);
  });
});
