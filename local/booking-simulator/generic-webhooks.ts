import type { Context } from 'hono';
import * as z from 'zod';
import {
  failure,
  idOf,
  invalid,
  isListed,
  type GenericCall,
  type GenericRoute,
} from './generic-routing.ts';
import { CHANGE_TYPES } from './webhooks.ts';

/** Who is told of changes. There is no list of them, and none of them ends by itself. */
export const genericWebhooks: readonly GenericRoute[] = [
  { method: 'POST', path: '/api/webhooks/subscribe', handle: subscribe },
  { method: 'DELETE', path: '/api/webhooks/:id', handle: unsubscribe },
];

const WantedSchema = z.object({
  resource_id: z.union([z.string(), z.int().transform(String)], 'must name a resource'),
  callback_url: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }),
  events: z
    .array(z.enum(CHANGE_TYPES, `must be of: ${CHANGE_TYPES.join(', ')}`), 'must be a list')
    .min(1, 'must name one change at least')
    .default([...CHANGE_TYPES]),
});

async function subscribe(c: Context, call: GenericCall): Promise<Response> {
  const { store, domain, touches } = call;
  const body: unknown = await c.req.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return failure(c, 400, ['INVALID_JSON', 'The body is no JSON object']);
  const wanted = WantedSchema.safeParse(body);
  if (!wanted.success) {
    const faults = wanted.error.issues.map(({ path, message }) => [String(path[0]), message]);
    return invalid(c, Object.fromEntries(faults) as Record<string, string>);
  }
  const { resource_id: named, callback_url: url, events: changeTypes } = wanted.data;
  const resourceId = idOf(named);
  const resource = resourceId === undefined ? undefined : store.resource(domain, resourceId);
  if (resourceId === undefined || resource === undefined || !isListed(resource))
    return failure(c, 404, ['RESOURCE_NOT_FOUND', 'Resource not found'], { resource_id: named });
  touches([resourceId]);
  const { id } = store.webhooks.addGeneric({
    domain,
    url,
    resourceId,
    entityType: 'event',
    changeTypes,
  });
  return c.json({ success: true, subscription_id: id, message: 'Subscribed' }, 201);
}

function unsubscribe(c: Context, { store, domain }: GenericCall): Response {
  const id = c.req.param('id') ?? '';
  const found = store.webhooks.get('generic', domain, id);
  if (found === undefined)
    return failure(c, 404, ['SUBSCRIPTION_NOT_FOUND', 'Subscription not found'], { id });
  store.webhooks.delete(found);
  return c.json({ success: true, subscription_id: id, message: 'Unsubscribed' });
}
