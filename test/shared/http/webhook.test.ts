import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { BridgeKey, ResourceId } from '../../../shared/model/ids.ts';
import type { Job } from '../../../shared/queues/messages.ts';
import { anyNotices } from '../../support/any-notices.ts';
import { clientStateOf } from '../../../shared/webhooks/client-state.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { signingSecretOf } from '../../../shared/webhooks/notice-signature.ts';
import type { CallOptions } from '../../functions/recorder.ts';
import { announcing } from './announcing.ts';
import {
  A,
  B,
  BOOKING,
  KEY_A,
  KEY_B,
  makeWorld,
  SETUP,
  tenantConfig,
  WEBHOOKS,
  type World,
} from './fixture.ts';

const AT_A = `tenants/${A}/bridges/webhook/outlook`;

function noticesIn({ queue }: World): readonly Job[] {
  return queue.jobs.map(({ job }) => job).filter(({ kind }) => kind === 'notice');
}

/** A room that is announced, and the item that announces a change of it. */
async function announced(world: World) {
  const announcer = announcing(world, A);
  await world.addPair('1', 'room1@stage.example');
  await world.services.subscriptions.renewTenant(A);
  const [[id, { clientState }] = ['', { clientState: '' }]] = [...announcer.living];
  return { announcer, item: { subscriptionId: id, clientState, changeType: 'updated' } };
}

describe('the handshake', () => {
  it.each(['POST', 'GET'] as const)(
    '%s: the token is answered as it is, decoded, as plain text',
    async (method) => {
      const world = await makeWorld();
      const token = "Validation: Testing client application reachability & more, e.g. 'a+b'=/%";
      const reply = await world.call(
        method,
        `${AT_A}?validationToken=${encodeURIComponent(token)}`,
      );
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(reply.text).toBe(token);
    },
  );

  it.each(['<script>', 'line\r\nbreak', '', 'x'.repeat(2000)])(
    'what is no token is not answered: %j',
    async (token) => {
      const world = await makeWorld();
      const reply = await world.call('GET', `${AT_A}?validationToken=${encodeURIComponent(token)}`);
      expect(reply.status).toBe(400);
    },
  );

  it('is answered before anything of the service is built', async () => {
    const world = await makeWorld({ lazy: () => () => Promise.reject(new Error('not yet')) });
    const reply = await world.call('POST', `${AT_A}?validationToken=token`);
    expect([reply.status, reply.text]).toEqual([200, 'token']);
  });
});

describe('a notice', () => {
  it('is queued as one message, and nothing else is touched', async () => {
    const world = await makeWorld();
    const { item } = await announced(world);
    const reply = await world.call('POST', AT_A, { body: { value: [item, item] } });
    expect(reply.status).toBe(202);
    expect(noticesIn(world)).toMatchObject([
      { tenantId: A, bridge: 'outlook', notices: [{ subscriptionId: item.subscriptionId }] },
    ]);
  });

  it('that we did not make is answered alike, and has no effect', async () => {
    const world = await makeWorld();
    const { item } = await announced(world);
    const forged = { ...item, clientState: `${item.clientState.slice(0, -1)}!` };
    const good = await world.call('POST', AT_A, { body: { value: [item] } });
    const bad = await world.call('POST', AT_A, { body: { value: [forged] } });
    const elsewhere = await world.call('POST', `tenants/${B}/bridges/webhook/outlook`, {
      body: { value: [item] },
    });
    expect([bad.status, bad.body]).toEqual([good.status, good.body]);
    expect(elsewhere.status).toBe(202);
    expect(noticesIn(world)).toHaveLength(1);
    expect(world.logged.filter(({ message }) => message === 'notices were refused')).toHaveLength(
      2,
    );
  });

  it('is answered with 5xx where it could not be queued, so that it comes again', async () => {
    const world = await makeWorld();
    const { item } = await announced(world);
    world.queue.send = () => Promise.reject(new Error('the queue does not answer'));
    const reply = await world.call('POST', AT_A, { body: { value: [item] } });
    expect(reply.status).toBeGreaterThanOrEqual(500);
  });

  it('of a tenant or bridge that is not there is 404, and a body that is too large 413', async () => {
    const world = await makeWorld();
    expect(
      (await world.call('POST', 'tenants/nobody/bridges/webhook/outlook', { body: {} })).status,
    ).toBe(404);
    expect(
      (await world.call('POST', `tenants/${A}/bridges/webhook/none`, { body: {} })).status,
    ).toBe(404);
    const value = Array.from({ length: 900 }, () => ({ subscriptionId: 'x'.repeat(900) }));
    expect((await world.call('POST', AT_A, { body: { value } })).status).toBe(413);
    const refused = world.logged.filter(({ message }) => message === 'notices were refused');
    expect(refused.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ unaddressed: 1 }),
      expect.objectContaining({ unaddressed: 1 }),
      { tenantId: A, bridge: 'outlook', oversized: 1 },
    ]);
  });

  it('of whatever shape has no effect and is no fault of ours', { timeout: 120_000 }, async () => {
    const tenant = tenantConfig(A, KEY_A);
    const generic = { kind: 'memory', values: { profile: 'generic' } };
    const bridges = new Map([
      ...tenant.bridges,
      ['generic_booking' as BridgeKey, generic] as const,
    ]);
    const world = await makeWorld({ setup: { ...SETUP, tenants: [{ ...tenant, bridges }] } });
    await announced(world);
    const queued = world.queue.jobs.length;
    const statuses = new Map<string, Set<number>>();
    await fc.assert(
      fc.asyncProperty(anyNotices, fc.boolean(), async (any, isSigned) => {
        const { bridge, method, query, body } = any;
        // Whoever may sign may still say anything.
        const signature = isSigned ? signed(body).headers : {};
        const text = method === 'POST' ? { text: body } : {};
        const reply = await world.call(method, `tenants/${A}/bridges/webhook/${bridge}?${query}`, {
          headers: { ...any.headers, ...signature },
          ...text,
        });
        statuses.set(bridge, (statuses.get(bridge) ?? new Set()).add(reply.status));
        expect(reply.status).toBeLessThan(500);
      }),
      { numRuns: 20_000 },
    );
    for (const bridge of ['outlook', 'booking_system', 'generic_booking'])
      expect([...(statuses.get(bridge) ?? [])]).toEqual(expect.arrayContaining([200, 202, 400]));
    expect(world.queue.jobs).toHaveLength(queued);
  });
});

/** As the booking system would sign it, with the key that we gave it. */
function signed(text: string, secret: string = WEBHOOKS.secrets[0], tenant = A) {
  const key = signingSecretOf(secret, tenant, BOOKING);
  const mac = createHmac('sha256', key).update(text).digest('hex');
  return { text, headers: { 'x-booking-signature': `sha256=${mac}` } };
}

describe('a notice that has to be signed', () => {
  const AT_BOOKING = `tenants/${A}/bridges/webhook/booking_system`;
  const item = {
    subscription_id: 'sub-1',
    clientState: clientStateOf(WEBHOOKS.secrets[0], A, BOOKING, '12' as ResourceId),
    change_type: 'updated',
    resource_id: null,
  };
  const body = JSON.stringify({ value: [item] });

  it('is queued where signature and state are ours, also under the secret before', async () => {
    const world = await makeWorld();
    for (const secret of WEBHOOKS.secrets) {
      const reply = await world.call('POST', AT_BOOKING, signed(body, secret));
      expect(reply.status).toBe(202);
    }
    expect(noticesIn(world)).toMatchObject([
      { bridge: 'booking_system', notices: [{ subscriptionId: 'sub-1' }] },
      { bridge: 'booking_system', notices: [{ subscriptionId: 'sub-1' }] },
    ]);
  });

  it.each<[string, CallOptions]>([
    ['no signature', { text: body }],
    ['the signature of another body', { ...signed('{}'), text: body }],
    ['the signature of a guess', signed(body, 'a guess')],
    ["another tenant's signature", signed(body, WEBHOOKS.secrets[0], B)],
    ['no signature, and no JSON', { text: 'nonsense' }],
  ])('is refused with %s, in words that give nothing away, and counted', async (_what, options) => {
    const world = await makeWorld();
    const reply = await world.call('POST', AT_BOOKING, options);
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({
      type: 'urn:calendar-bridge:problem:bad-signature',
      detail: expect.stringContaining('X-Booking-Signature must be sha256='),
    });
    const key = signingSecretOf(WEBHOOKS.secrets[0], A, BOOKING);
    for (const secret of [...WEBHOOKS.secrets, key]) expect(reply.text).not.toContain(secret);
    expect(noticesIn(world)).toEqual([]);
    expect(world.logged).toContainEqual(
      expect.objectContaining({
        message: 'notices were refused',
        fields: { tenantId: A, bridge: 'booking_system', unsigned: 1 },
      }),
    );
  });

  it('has no effect where it is signed and its state is not ours', async () => {
    const world = await makeWorld();
    const forged = { ...item, clientState: `${item.clientState.slice(0, -1)}!` };
    const reply = await world.call('POST', AT_BOOKING, signed(JSON.stringify({ value: [forged] })));
    expect(reply.status).toBe(202);
    expect(noticesIn(world)).toEqual([]);
  });

  it('is 400 where it is signed and no body of notices', async () => {
    const world = await makeWorld();
    for (const text of ['nonsense', '[]', ''])
      expect((await world.call('POST', AT_BOOKING, signed(text))).status).toBe(400);
  });
});

describe('subscriptions over HTTP', () => {
  it('are listed with their state, searched, renewed and ended', async () => {
    const world = await makeWorld();
    const { announcer, item } = await announced(world);
    const path = 'bridges/outlook/subscriptions';
    const list = await world.call('GET', path, { key: KEY_A });
    expect(list.body).toMatchObject({
      bridge: 'outlook',
      count: 1,
      subscriptions: [
        {
          subscription_id: item.subscriptionId,
          calendar_id: 'room1@stage.example',
          status: 'active',
          is_active: true,
          error: null,
        },
      ],
    });
    expect((await world.call('GET', `${path}?search=room2`, { key: KEY_A })).body['count']).toBe(0);
    expect((await world.call('GET', `${path}?status=ended`, { key: KEY_A })).body['count']).toBe(0);
    expect((await world.call('GET', path, { key: KEY_B })).body['count']).toBe(0);

    world.advance(60_000);
    const one = `${path}/${item.subscriptionId}`;
    const renewed = await world.call('POST', `${one}/renew`, { key: KEY_A });
    expect(renewed.body).toMatchObject({ success: true });
    announcer.fault = new BridgeError('unavailable', 'Graph is busy');
    const failed = await world.call('POST', `${one}/renew`, { key: KEY_A });
    expect(failed.body).toMatchObject({
      success: false,
      subscription: { status: 'failing', is_active: true, error: 'Graph is busy' },
    });
    announcer.fault = undefined;
    const ended = await world.call('DELETE', one, { key: KEY_A });
    expect(ended.body).toMatchObject({ success: true, subscription: { status: 'ended' } });
    expect(announcer.living.size).toBe(0);
    expect((await world.call('DELETE', one, { key: KEY_A })).status).toBe(404);
  });

  it('of a system whose subscriptions do not end are shown so, and made anew where one is renewed', async () => {
    const world = await makeWorld();
    const announcer = announcing(world, A, 'booking_system');
    await world.addPair('1', 'room1@stage.example');
    const path = 'bridges/booking/subscriptions';
    const made = await world.call('POST', path, { key: KEY_A });
    expect(made.body).toMatchObject({ bridge: 'booking_system', total_subscriptions: 1 });
    const [id = ''] = [...announcer.living.keys()];
    const { body } = await world.call('GET', path, { key: KEY_A });
    const active = { status: 'active', is_active: true, expires_at: null };
    expect(body).toMatchObject({ subscriptions: [{ subscription_id: id, ...active }] });
    const renewed = await world.call('POST', `${path}/${id}/renew`, { key: KEY_A });
    expect(renewed.body).toMatchObject({ success: true, subscription: active });
    const [other = '', ...more] = [...announcer.living.keys()];
    expect([other === id, more]).toEqual([false, []]);
    const ended = await world.call('DELETE', `${path}/${other}`, { key: KEY_A });
    expect(ended.body).toMatchObject({ success: true, subscription: { status: 'ended' } });
    expect(announcer.living.size).toBe(0);
  });

  it('are over where their system announces nothing any more', async () => {
    const world = await makeWorld();
    const announcer = announcing(world, A, 'booking_system');
    announcer.fault = new BridgeError('rejected', 'it has no webhooks');
    await world.addPair('1', 'room1@stage.example');
    await world.services.subscriptions.renewTenant(A);
    Object.assign(world.bridges.get(`${A}/booking_system`) ?? {}, { push: undefined });
    await world.services.subscriptions.renewTenant(A);
    const { body } = await world.call('GET', 'bridges/booking/subscriptions', { key: KEY_A });
    expect(body).toMatchObject({ subscriptions: [{ status: 'ended', error: null, failures: 0 }] });
  });

  it('are made at once, and what failed is told', async () => {
    const world = await makeWorld();
    const announcer = announcing(world, A);
    await world.addPair('1', 'room1@stage.example');
    const path = 'bridges/outlook/subscriptions';
    announcer.fault = new BridgeError('rejected', 'Graph answered 400');
    const failed = await world.call('POST', path, { key: KEY_A });
    expect(failed.body).toMatchObject({
      total_subscriptions: 0,
      errors: [{ calendar_id: 'room1@stage.example', error: 'Graph answered 400' }],
    });
    announcer.fault = undefined;
    world.advance(60_000);
    const made = await world.call('POST', path, { key: KEY_A });
    expect(made.body).toMatchObject({ total_subscriptions: 1, total_errors: 0 });
  });

  it('are not made where this deployment has no address for notices, which is said', async () => {
    const world = await makeWorld();
    announcing(world, A);
    vi.spyOn(world.services.subscriptions, 'canBeTold', 'get').mockReturnValue(false);
    const reply = await world.call('POST', 'bridges/outlook/subscriptions', { key: KEY_A });
    expect(reply.status).toBe(404);
    expect(reply.body).toMatchObject({ detail: expect.stringContaining('WEBHOOK_BASE_URL') });
  });

  it('are queued when a mapping is made, resumed or opened, and not where nothing announces', async () => {
    const world = await makeWorld();
    const renewals = (): number =>
      world.queue.jobs.filter(
        ({ job }) => job.kind === 'fan-out' && job.timer === 'renewSubscriptions',
      ).length;
    await world.addPair('1', 'room1@stage.example');
    expect(renewals()).toBe(0);
    announcing(world, A);
    const id = await world.addPair('2', 'room2@stage.example');
    expect(renewals()).toBe(1);
    const mapping = `mappings/resources/${id}`;
    await world.call('POST', `${mapping}/pause`, { key: KEY_A });
    expect(renewals()).toBe(1);
    const runs = (): number => world.queue.jobs.filter(({ job }) => job.kind === 'sync').length;
    expect(runs()).toBe(0);
    await world.call('POST', `${mapping}/resume`, { key: KEY_A });
    expect(renewals()).toBe(2);
    // What was announced meanwhile was left alone.
    expect(runs()).toBe(1);
    await world.call('PUT', mapping, { key: KEY_A, body: { sync_enabled: false } });
    expect(runs()).toBe(1);
    await world.call('PUT', mapping, { key: KEY_A, body: { sync_enabled: true } });
    expect(runs()).toBe(2);
  });

  it('that somebody is at are not renewed or ended by a person', async () => {
    const world = await makeWorld();
    const { item } = await announced(world);
    const one = `bridges/outlook/subscriptions/${item.subscriptionId}`;
    const [row] = await world.stores.subscriptions.list(A, 'outlook' as BridgeKey);
    if (row === undefined) throw new Error('nothing is stored');
    const claimedUntil = (world.services.clock.now() + 60_000) as Instant;
    await world.stores.subscriptions.change(A, row, () => ({ ...row, claimedUntil }));
    for (const [method, path] of [
      ['POST', `${one}/renew`],
      ['DELETE', one],
    ] as const) {
      const reply = await world.call(method, path, { key: KEY_A });
      expect(reply.status).toBe(409);
      expect(reply.body['detail']).toContain('look again in a minute');
    }
  });
});
