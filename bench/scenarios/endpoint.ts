import { clientStateOf } from '../../shared/webhooks/client-state.ts';
import type { BridgeKey, ResourceId, TenantId } from '../../shared/model/ids.ts';
import type { LocalApp } from '../../test/support/local-app.ts';
import { openAnnounced, PATIENCE_MS, type AnnouncedHalls } from '../announced-halls.ts';
import { quantile, type Figure, type Scenario } from '../scenario.ts';

/** Each one of 100 rooms has a hundred signals raised after it, which takes its time. */
const POSTS = { 'one room': 500, '100 rooms': 150 } as const;
const WARM_UP = 50;
const ROOMS = 100;
const SECRET = 'of-a-bench-alone-and-nothing-else';

/** How soon a POST of notices is answered, one after the other, while what they cause runs. */
export const endpoint: Scenario = {
  name: 'endpoint',
  about: 'a POST of 100 notices, of one room and of 100 rooms, to the running app',
  run: async (say) => {
    const halls = await openAnnounced(ROOMS, { WEBHOOK_CLIENT_SECRET: SECRET });
    try {
      say(
        `${ROOMS} rooms are announced; ${POSTS['one room']} POSTs of one, ${POSTS['100 rooms']} of all`,
      );
      return [
        ...(await measured(halls, 'one room', 50, () => 0)),
        ...(await measured(halls, '100 rooms', 400, (item) => item)),
      ];
    } finally {
      await halls.app.stop();
    }
  },
};

/** What was answered with 202 was meant for us, and taken. */
async function checkHeard(app: LocalApp, rooms: number): Promise<void> {
  const { body } = await app.api('GET', '/tenants/municipal_a/bridges/outlook/subscriptions');
  const { subscriptions } = body as { subscriptions: { last_heard_at: string | null }[] };
  const heard = subscriptions.filter(({ last_heard_at }) => last_heard_at !== null).length;
  if (heard < rooms) throw new Error(`${heard} rooms were heard of ${rooms}`);
}

async function measured(
  { app, halls, subscriptions }: AnnouncedHalls,
  what: keyof typeof POSTS,
  maxMs: number,
  roomOf: (item: number) => number,
): Promise<readonly Figure[]> {
  const [tenant] = app.endpoints.tenants;
  if (tenant === undefined) throw new Error('there is no tenant');
  const value = Array.from({ length: 100 }, (_, item) => {
    const room = roomOf(item);
    const { mailbox = '' } = halls[room] ?? {};
    const clientState = clientStateOf(
      SECRET,
      tenant.id as TenantId,
      'outlook' as BridgeKey,
      mailbox as ResourceId,
    );
    const { id = '' } = subscriptions[room] ?? {};
    return { subscriptionId: id, clientState, changeType: 'updated', resource: 'Users/x/Events/y' };
  });
  const url = `${app.endpoints.api}/tenants/${tenant.id}/bridges/webhook/outlook`;
  const body = JSON.stringify({ value });
  const times: number[] = [];
  for (let post = -WARM_UP; post < POSTS[what]; post += 1) {
    const startedAt = performance.now();
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) throw new Error(`notices were answered ${answer.status}`);
    if (post >= 0) times.push(performance.now() - startedAt);
  }
  await app.idle(PATIENCE_MS);
  await checkHeard(app, roomOf(99) + 1);
  const at = (q: number): number => quantile(times, q);
  return [
    { name: `100 notices of ${what}, median`, value: at(0.5), unit: 'ms' },
    { name: `100 notices of ${what}, 99th percentile`, value: at(0.99), unit: 'ms', max: maxMs },
  ];
}
