import type { Context } from 'hono';
import * as z from 'zod';
import { isEmpty, readBody } from './body.ts';
import type { Call, Route } from './routing.ts';
import { localMarkedUtc } from './wall-time.ts';
import { CHANGE_TYPES, ENTITY_TYPES, type PorticoWebhook } from './webhooks.ts';

const ALL = '/booking/webhooks/subscriptions';
const ONE = `${ALL}/:subscription`;

/** Who is told of changes: made, listed, renewed and ended over REST. */
export const webhookRoutes: Route[] = [
  { method: 'POST', path: ALL, handle: create },
  { method: 'GET', path: ALL, handle: list },
  { method: 'GET', path: ONE, handle: read },
  { method: 'PATCH', path: ONE, handle: renew },
  { method: 'DELETE', path: ONE, handle: remove },
  { method: 'GET', path: `${ONE}/log`, handle: log },
  { method: 'GET', path: '/booking/webhooks/validate', handle: validate },
];

const MINUTE_MS = 60_000;
/** 30 days. */
const LIFE_MINUTES_MAX = 43_200;

const minutes = z.coerce.number().int().min(1).max(LIFE_MINUTES_MAX).default(LIFE_MINUTES_MAX);

const WantedSchema = z.object({
  webhook_url: z.url({ protocol: /^https?$/ }),
  /** The number of a resource; left out, it is all of them. */
  calendar_id: z.coerce.number().int().positive().nullish(),
  entity_type: z.enum(ENTITY_TYPES).default('all'),
  change_types: z
    .array(z.enum(CHANGE_TYPES))
    .min(1)
    .default([...CHANGE_TYPES]),
  client_state: z.string().max(255).nullish(),
  secretKey: z.string().min(1).max(255).nullish(),
  expirationMinutes: minutes,
});
const RenewalSchema = z.object({ expirationMinutes: minutes });

/** The fields of a body by a schema, or the answer that says what is wrong with them. */
async function fieldsOf<T>(c: Context, schema: z.ZodType<T>): Promise<T | Response> {
  const body = await readBody(c.req.raw, { mayBeBlank: true });
  if (!body.ok) return c.json({ error: body.error }, 400);
  const parsed = schema.safeParse(body.fields);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => [path.join('.'), message]);
  return c.json({ error: 'Validation failed', details: Object.fromEntries(issues) as object }, 400);
}

async function create(c: Context, call: Call): Promise<Response> {
  const { store, domain } = call;
  const wanted = await fieldsOf(c, WantedSchema);
  if (wanted instanceof Response) return wanted;
  const { calendar_id: resourceId = null } = wanted;
  if (resourceId !== null) call.touches([resourceId]);
  if (resourceId !== null && store.resource(domain, resourceId)?.active !== 1)
    return c.json({ error: 'Resource not found' }, 404);
  const made = store.webhooks.addPortico(
    {
      domain,
      url: wanted.webhook_url,
      resourceId,
      entityType: wanted.entity_type,
      changeTypes: wanted.change_types,
      clientState: wanted.client_state ?? null,
      secretKey: wanted.secretKey ?? null,
    },
    wanted.expirationMinutes * MINUTE_MS,
  );
  return c.json({ success: true, subscription: view(made) }, 201);
}

function list(c: Context, { store, domain }: Call): Response {
  const subscriptions = store.webhooks.list('portico', domain).map(view);
  return c.json({ success: true, subscriptions, count: subscriptions.length });
}

function find(c: Context, call: Call): PorticoWebhook | Response {
  const { store, domain } = call;
  const found = store.webhooks.get('portico', domain, c.req.param('subscription') ?? '');
  if (found === undefined) return c.json({ error: 'Subscription not found' }, 404);
  if (found.resourceId !== null) call.touches([found.resourceId]);
  return found;
}

function read(c: Context, call: Call): Response {
  const found = find(c, call);
  return found instanceof Response ? found : c.json({ success: true, subscription: view(found) });
}

async function renew(c: Context, call: Call): Promise<Response> {
  const found = find(c, call);
  if (found instanceof Response) return found;
  const asked = await fieldsOf(c, RenewalSchema);
  if (asked instanceof Response) return asked;
  const renewed = call.store.webhooks.renew(found, asked.expirationMinutes * MINUTE_MS);
  return c.json({ success: true, subscription: view(renewed) });
}

function remove(c: Context, call: Call): Response {
  const found = find(c, call);
  if (found instanceof Response) return found;
  call.store.webhooks.delete(found);
  return c.json({ success: true, message: 'Subscription deleted' });
}

function log(c: Context, call: Call): Response {
  const found = find(c, call);
  if (found instanceof Response) return found;
  return c.json({ success: true, log: call.store.webhooks.log(found) });
}

/** The token comes back, as a receiver of notices would send it. */
function validate(c: Context): Response {
  const token = c.req.query('validationToken');
  if (isEmpty(token)) return c.json({ error: 'validationToken is required' }, 400);
  return c.text(token ?? '');
}

/** The secret is not shown; `expires_at` is local time marked as UTC, like the times of notices. */
function view(webhook: PorticoWebhook): Record<string, unknown> {
  return {
    subscription_id: webhook.id,
    webhook_url: webhook.url,
    calendar_id: webhook.resourceId,
    entity_type: webhook.entityType,
    change_types: webhook.changeTypes,
    client_state: webhook.clientState,
    created_at: localMarkedUtc(webhook.createdMs),
    expires_at: localMarkedUtc(webhook.expiresMs),
  };
}
