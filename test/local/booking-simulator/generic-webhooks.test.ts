import { describe, expect, it } from 'vitest';
import { created, startGeneric, type GenericTown } from './generic-harness.ts';
import { listener, newEvent, type Json, type Listener } from './harness.ts';

const SUBSCRIBE = '/api/webhooks/subscribe';
const CALLBACK = 'http://bridge.test/hook?client_state=abc';

async function announced(more: Json = {}): Promise<{
  town: GenericTown;
  heard: Listener;
  id: string;
}> {
  const heard = listener();
  const town = await startGeneric({}, { send: heard.send });
  const { json, status } = await town.api('POST', SUBSCRIBE, {
    resource_id: '12',
    callback_url: CALLBACK,
    events: ['created', 'updated', 'deleted'],
    ...more,
  });
  expect(status).toBe(201);
  expect(json).toMatchObject({ success: true });
  return { town, heard, id: String(json['subscription_id']) };
}

describe('the webhooks of the generic contract', () => {
  it('tell the address of what people change, and of nothing written over REST', async () => {
    const { town, heard } = await announced();
    await created(town);
    await town.simulator.pump();
    expect(heard.heard).toEqual([]);
    const times = { from_: '2026-06-26T13:00:00', to_: '2026-06-26T14:00:00' };
    const made = await town.people('POST', '/booking/resources/12/events', newEvent(times));
    const path = `/booking/events/${String(made.json['id'])}`;
    await town.people('PATCH', `${path}/toggle-active`, { active: 0 });
    await town.simulator.pump();
    expect(heard.heard.map(({ url }) => url)).toEqual([CALLBACK, CALLBACK]);
    expect(heard.heard.map(({ body }) => JSON.parse(body) as Json)).toMatchObject([
      {
        action: 'created',
        resource_id: '12',
        event_id: '2',
        event: { title: 'Budget', start_time: '2026-06-26T11:00:00Z' },
        timestamp: '2026-06-01T08:00:00.000Z',
        source: 'booking_system',
      },
      { action: 'deleted', event_id: '2' },
    ]);
  });

  it('are of the changes that were asked for, of one resource', async () => {
    const { town, heard } = await announced({ events: ['updated'] });
    const made = await town.people('POST', '/booking/resources/12/events', newEvent());
    await town.people('POST', '/booking/resources/13/events', newEvent());
    await town.people('PUT', `/booking/events/${String(made.json['id'])}`, { name: 'Other' });
    await town.simulator.pump();
    expect(heard.heard).toHaveLength(1);
  });

  it('end when they are told to, and not by themselves', async () => {
    const { town, heard, id } = await announced();
    town.clock.advance(400 * 86_400_000);
    await town.people('POST', '/booking/resources/12/events', newEvent());
    await town.simulator.pump();
    expect(heard.heard).toHaveLength(1);
    expect((await town.api('DELETE', `/api/webhooks/${id}`)).json).toMatchObject({ success: true });
    const again = await town.api('DELETE', `/api/webhooks/${id}`);
    expect([again.status, again.json['error_code']]).toEqual([404, 'SUBSCRIPTION_NOT_FOUND']);
    await town.people('PUT', '/booking/events/1', { name: 'Other' });
    await town.simulator.pump();
    expect(heard.heard).toHaveLength(1);
  });

  it.each<[string, unknown, number]>([
    ['no object', [], 400],
    ['no resource', { callback_url: CALLBACK }, 400],
    ['no address', { resource_id: '12', callback_url: 'here' }, 400],
    ['no known change', { resource_id: '12', callback_url: CALLBACK, events: ['moved'] }, 400],
    ['a resource that is not there', { resource_id: '99', callback_url: CALLBACK }, 404],
  ])('are refused with %s', async (_what, body, status) => {
    const town = await startGeneric();
    const refused = await town.api('POST', SUBSCRIBE, body);
    expect(refused.status).toBe(status);
    expect(refused.json['success']).toBe(false);
  });

  it('need a key', async () => {
    const town = await startGeneric();
    expect((await town.api('POST', SUBSCRIBE, {}, {})).status).toBe(401);
  });
});
