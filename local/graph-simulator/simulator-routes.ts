import { Hono } from 'hono';
import * as z from 'zod';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import { controlRoutes } from '../simulator-kit/control-routes.ts';
import type { FaultTable } from '../simulator-kit/faults.ts';
import { noticeRoutes } from '../simulator-kit/notice-weather.ts';
import type { RequestLog } from '../simulator-kit/request-log.ts';
import type { DeltaTokens } from './delta-tokens.ts';
import { SeedSchema, type Directory } from './directory.ts';
import type { MailLog } from './mails.ts';
import type { Notices } from './notices.ts';
import type { Subscriptions } from './subscriptions.ts';

const LifecycleSchema = z.strictObject({
  subscriptionId: z.string(),
  event: z.enum(['reauthorizationRequired', 'subscriptionRemoved', 'missed']),
});

/**
 * The controls under `/__sim`: those of every simulator, and `seed`, `expire-delta`, `mails`,
 * `notices` (what goes wrong with them, and what became of them), `lifecycle`, and the loss of a
 * subscription that nobody is told of. `reset` takes away events, mails, delta tokens, subscriptions
 * and notices; tenants, rooms and people stay.
 */
export function simulatorRoutes(parts: {
  clock: SimulatorClock;
  directory: Directory;
  deltaTokens: DeltaTokens;
  mails: MailLog;
  subscriptions: Subscriptions;
  notices: Notices;
  log: RequestLog;
  faults: FaultTable;
  reset: () => void;
}): Hono {
  const { directory, deltaTokens, mails, subscriptions, notices } = parts;
  const app = new Hono().basePath('/__sim');
  app.route('/', controlRoutes(parts));
  app.post('/seed', async (c) => {
    const seed = SeedSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!seed.success) return c.json({ error: z.prettifyError(seed.error) }, 400);
    directory.seed(seed.data);
    return c.json({ ok: true }, 201);
  });
  app.post('/expire-delta', async (c) => {
    const body = z
      .object({ mailbox: z.string() })
      .safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return c.json({ error: 'mailbox: an SMTP address or object id' }, 400);
    const found = directory.everywhere(body.data.mailbox);
    if (found.length === 0) return c.json({ error: 'no such mailbox' }, 404);
    for (const { key } of found) deltaTokens.expire(key);
    return c.body(null, 204);
  });
  app.get('/mails', (c) => c.json({ mails: mails.list() }));
  app.route('/', noticeRoutes(notices));
  app.post('/lifecycle', async (c) => {
    const told = LifecycleSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!told.success) return c.json({ error: z.prettifyError(told.error) }, 400);
    const subscription = subscriptions.byId(told.data.subscriptionId);
    if (subscription === undefined) return c.json({ error: 'no such subscription' }, 404);
    if (told.data.event === 'subscriptionRemoved') subscriptions.forget(subscription.id);
    notices.lifecycle(subscription, told.data.event);
    return c.body(null, 204);
  });
  app.delete('/subscriptions/:id', (c) => {
    subscriptions.forget(c.req.param('id'));
    return c.body(null, 204);
  });
  return app;
}
