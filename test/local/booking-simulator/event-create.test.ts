import { describe, expect, it } from 'vitest';
import { answer, june, made, newEvent, startTown } from './harness.ts';

const ROOM = '/booking/resources/12/events';

describe('making an event', () => {
  it('answers 201 with the id twice and the whole event', async () => {
    const town = await startTown();
    const created = await town.call(
      'POST',
      ROOM,
      newEvent({ description: '<p>Agenda</p>', contact_name: 'Ola', contact_email: 'o@t.example' }),
    );
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      id: 1,
      event_id: 1,
      success: true,
      event: {
        id: 1,
        id_string: '1',
        active: true,
        name: 'Budget',
        organizer: 'Ola',
        from_: '2026-06-25T13:00:00+02:00',
        to_: '2026-06-25T14:00:00+02:00',
        description: '<p>Agenda</p>',
        equipment: '',
        homepage: '',
        contact_name: 'Ola',
        contact_email: 'o@t.example',
        contact_phone: '',
        activity_id: 1,
        building_id: 1,
        building_name: 'Town hall',
        cost: 0,
        skip_bas: 0,
        completed: 0,
        customer_internal: 0,
        include_in_list: 0,
        reminder: 1,
        is_public: 0,
        access_requested: 0,
        secret: expect.stringMatching(/^[0-9a-f]{32}$/),
        resources: [12],
        agegroups: [{ agegroup_id: 1, male: 0, female: 0 }],
        audience: [1],
      },
    });
    expect((await town.call('GET', '/booking/events/1')).json).toEqual(created.json['event']);
  });

  it('forces its defaults over what is sent', async () => {
    const town = await startTown();
    const created = await town.call(
      'POST',
      ROOM,
      newEvent({ active: 0, is_public: 1, cost: 500, reminder: 0, skip_bas: 1, organizer: 'Me' }),
    );
    expect(created.json['event']).toMatchObject({
      active: true,
      is_public: 0,
      cost: 0,
      reminder: 1,
      skip_bas: 0,
      organizer: 'Calendar Bridge',
    });
  });

  it('has no stamp of making or changing', async () => {
    const town = await startTown();
    const id = await made(town, 12);
    const { json } = await town.call('GET', `/booking/events/${id}`);
    const [row] = await june(town, 12);
    for (const members of [json, row ?? {}])
      expect(Object.keys(members).filter((name) => /creat|modif|updat|time/i.test(name))).toEqual(
        [],
      );
  });

  it('reads a form as well', async () => {
    const town = await startTown();
    const { session_id: id } = (await town.login()).json;
    const query = `sessionphpgwsessid=${String(id)}&domain=town&phpgw_return_as=json&api_mode=1`;
    const body = new URLSearchParams(newEvent() as Record<string, string>);
    const one = await town.raw('POST', `${ROOM}?${query}`, { body });
    expect(one.status).toBe(201);
    body.set('title', 'Two rooms');
    body.set('from_', '2026-06-26T13:00:00');
    body.set('to_', '2026-06-26T14:00:00');
    for (const room of ['12', '13']) body.append('resource_ids[]', room);
    const both = await answer(await town.raw('POST', `/booking/events?${query}`, { body }));
    expect(both.json['resources']).toEqual([12, 13]);
  });

  it.each(['title', 'from_', 'to_', 'source'])('needs %s', async (field) => {
    const town = await startTown();
    for (const value of [undefined, '', '0']) {
      const refused = await town.call('POST', ROOM, newEvent({ [field]: value }));
      expect(refused.status).toBe(400);
      expect(refused.json).toEqual({ error: expect.stringContaining(field) });
    }
  });

  it.each([
    { contact_name: 'x'.repeat(51) },
    { contact_name: 'å'.repeat(26) },
    { title: 'x'.repeat(256) },
    { contact_phone: '1'.repeat(51) },
    { contact_email: 'nobody' },
    { from_: 'tomorrow-ish' },
    { to_: '2026-06-25T13:00:00' },
    { participant_limit: 'many' },
  ])('refuses %j with 400 and a list of details', async (overrides) => {
    const town = await startTown();
    const refused = await town.call('POST', ROOM, newEvent(overrides));
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual({ error: 'Validation failed', details: [expect.any(String)] });
    expect(await june(town, 12)).toEqual([]);
  });

  it('takes a contact name of exactly 50 bytes', async () => {
    const town = await startTown();
    const created = await town.call('POST', ROOM, newEvent({ contact_name: 'å'.repeat(25) }));
    expect(created.status).toBe(201);
  });

  it('answers 400 to malformed JSON and 404 for an unknown room', async () => {
    const town = await startTown();
    const { session_id: id } = (await town.login()).json;
    const query = `sessionphpgwsessid=${String(id)}&domain=town&phpgw_return_as=json&api_mode=1`;
    const cutOff = await town.raw('POST', `${ROOM}?${query}`, {
      body: '{"title":',
      headers: { 'content-type': 'application/json' },
    });
    expect(cutOff.status).toBe(400);
    const unknown = await town.call('POST', '/booking/resources/99/events', newEvent());
    expect(unknown.status).toBe(404);
    const one = await town.call('POST', '/booking/events', newEvent({ resource_ids: [12, 99] }));
    expect(one.status).toBe(404);
  });

  it.each([
    ['the same name and times', {}],
    ['an overlap at the end', { from_: '2026-06-25T13:59:00', to_: '2026-06-25T15:00:00' }],
    ['an overlap around it', { from_: '2026-06-25T12:00:00', to_: '2026-06-25T15:00:00' }],
    ['an overlap inside it', { from_: '2026-06-25T13:15:00', to_: '2026-06-25T13:30:00' }],
  ])('refuses %s with 409 and details', async (_what, overrides) => {
    const town = await startTown();
    await made(town, 12);
    const refused = await town.call('POST', ROOM, newEvent({ title: 'Other', ...overrides }));
    expect(refused.status).toBe(409);
    expect(refused.json).toEqual({ error: expect.any(String), details: expect.any(String) });
    expect(await june(town, 12)).toHaveLength(1);
  });

  it('lets events touch, share times in other rooms, and lie over inactive ones', async () => {
    const town = await startTown({
      bookings: [
        {
          id: 1,
          from_: '2026-06-25 13:00',
          to_: '2026-06-25 15:00',
          resources: [12],
          group_name: 'Choir',
        },
      ],
    });
    const first = await made(town, 12);
    await made(town, 12, { from_: '2026-06-25T14:00:00', to_: '2026-06-25T15:00:00' });
    await made(town, 13);
    await town.call('PATCH', `/booking/events/${first}/toggle-active`, { active: 0 });
    await made(town, 12);
    expect((await june(town, 12)).filter(({ type }) => type === 'event')).toHaveLength(2);
  });

  it('holds several rooms at once and needs them all free', async () => {
    const town = await startTown();
    const both = newEvent({ resource_ids: [12, 13], source: undefined });
    const created = await town.call('POST', '/booking/events', both);
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ id: 1, event_id: 1, success: true, resources: [12, 13] });
    expect(await june(town, 13)).toHaveLength(1);
    const clash = newEvent({ title: 'Clash', resource_ids: [13] });
    expect((await town.call('POST', '/booking/events', clash)).status).toBe(409);
    for (const resource_ids of [undefined, [], [0], 'none'])
      expect((await town.call('POST', '/booking/events', newEvent({ resource_ids }))).status).toBe(
        400,
      );
  });
});
