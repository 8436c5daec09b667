import { describe, expect, it } from 'vitest';
import type { PushSource, WantedSubscription } from '../../../../shared/bridges/push-source.ts';
import type { ResourceId } from '../../../../shared/model/ids.ts';
import { DAY_MS } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { failureOf, RestStage } from './rest-stage.ts';

const WANTED: WantedSubscription = {
  resource: 'hall 1' as ResourceId,
  notificationUrl: 'http://bridge.test/tenants/town/bridges/webhook/toy',
  lifecycleUrl: 'http://bridge.test/tenants/town/bridges/webhook/toy',
  clientState: 'the.state',
  signingSecret: 'not for this contract',
  until: Infinity as Instant,
};

function pushOf({ bridge }: RestStage): PushSource {
  if (bridge.push === undefined) throw new Error('it announces nothing');
  return bridge.push;
}

function withEndpoints(endpoints: object, answer?: (request: Request) => unknown): RestStage {
  return new RestStage(answer, { endpoints: JSON.stringify(endpoints) });
}

describe('subscriptions of the generic contract', () => {
  it('bring our state back in the address, hold no secret, and do not end', async () => {
    const stage = new RestStage(() => ({ success: true, subscription_id: 7 }));
    expect(await pushOf(stage).subscribe(WANTED)).toEqual({ id: '7' });
    expect(stage.lines()).toEqual(['POST /base/api/webhooks/subscribe']);
    expect(stage.bodies).toEqual([
      {
        resource_id: 'hall 1',
        callback_url: `${WANTED.notificationUrl}?client_state=the.state`,
        events: ['created', 'updated', 'deleted'],
      },
    ]);
    expect(pushOf(stage).listIds).toBeUndefined();
    expect(pushOf(stage).renew).toBeUndefined();
    expect(stage.bridge.capabilities.push).toBe(true);
  });

  it('are ended by their id, and gone is as good', async () => {
    const stage = new RestStage(() => new Response(null, { status: 204 }));
    await pushOf(stage).unsubscribe('a/b');
    expect(stage.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      'DELETE /base/api/webhooks/a%2Fb',
    ]);
    stage.answer = () => Response.json({ success: false }, { status: 404 });
    await pushOf(stage).unsubscribe('7');
    stage.answer = () => Response.json({ success: false }, { status: 500 });
    expect((await failureOf(pushOf(stage).unsubscribe('7'))).kind).toBe('unavailable');
  });

  it.each([
    [404, () => Response.json({ success: false }, { status: 404 })],
    [404, () => new Response('<html>Not found</html>', { status: 404 })],
    [405, () => Response.json({}, { status: 405 })],
    [501, () => Response.json({}, { status: 501 })],
  ])('that the system does not know (%i) are refused, and no id is made up', async (status, no) => {
    const stage = new RestStage(no);
    const error = await failureOf(pushOf(stage).subscribe(WANTED));
    expect(error).toMatchObject({ kind: 'rejected', status, retryAfterMs: DAY_MS });
    expect(error.message).toContain('subscribe_webhook to null');
    expect(error.message).not.toContain('the.state');
    // Its other calls go on.
    stage.answer = () => ({ events: [] });
    expect(await stage.read()).toEqual([]);
  });

  it.each([{}, { success: true, subscription_id: '' }, { success: true, subscription_id: null }])(
    'without an id (%j) are none',
    async (answer) => {
      const stage = new RestStage(() => answer);
      expect((await failureOf(pushOf(stage).subscribe(WANTED))).kind).toBe('invalid-response');
    },
  );

  it('are made as the settings say', async () => {
    const stage = withEndpoints(
      {
        subscribe_webhook: {
          url: '/hooks/{resource_id}',
          body: { target: '{callback_url}' },
          dataKey: 'payload',
        },
        unsubscribe_webhook: { method: 'POST', url: '/hooks/{subscription_id}/end' },
      },
      () => ({ payload: { id: 'h1' } }),
    );
    expect(await pushOf(stage).subscribe(WANTED)).toEqual({ id: 'h1' });
    await pushOf(stage).unsubscribe('h1');
    expect(stage.lines()).toEqual(['POST /base/hooks/hall%201', 'POST /base/hooks/h1/end']);
    expect(stage.bodies[0]).toEqual({
      target: `${WANTED.notificationUrl}?client_state=the.state`,
    });
  });

  it('are not asked for where the settings say that there are none', () => {
    const { bridge } = withEndpoints({ subscribe_webhook: null });
    expect(bridge.push).toBeUndefined();
    expect(bridge.capabilities.push).toBe(false);
  });

  it('do not change what is read and written', () => {
    const version = new RestStage().bridge.mapperVersion;
    expect(withEndpoints({ subscribe_webhook: null }).bridge.mapperVersion).toBe(version);
    expect(withEndpoints({ list_events: { params: {} } }).bridge.mapperVersion).not.toBe(version);
  });
});
