import * as z from 'zod';
import type { BridgeKey, TenantId } from '../../model/ids.ts';
import { isLive, statusOfSubscription, type Subscription } from '../../model/subscription.ts';
import { formatInstant } from '../../model/time.ts';
import type { Instant } from '../../util/clock.ts';
import { bridgeKeyOf, bridgeOf } from '../bridge-lookup.ts';
import { pageOf } from '../paging.ts';
import { conflict, notFound, notSupported } from '../problem.ts';
import { keyedRoute, type Route } from '../route.ts';
import { BridgeParams } from '../schemas/common.ts';
import {
  OneSubscription,
  SubscriptionList,
  SubscriptionQuery,
  SubscriptionRun,
} from '../schemas/subscriptions.ts';
import type { Services } from '../services-port.ts';

type Row = z.output<typeof OneSubscription>['subscription'];

const PATH = 'bridges/{bridge}/subscriptions';
const OneParams = z.object({
  ...BridgeParams.shape,
  id: z.string().min(1).max(200).describe('As the system names it.'),
});

export const listSubscriptions: Route = keyedRoute({
  name: 'listSubscriptions',
  method: 'GET',
  path: PATH,
  summary: 'what the system was asked to announce, and whether it does',
  params: BridgeParams,
  query: SubscriptionQuery,
  answers: { 200: SubscriptionList },
}).handledBy(async ({ tenant, params, query }, services) => {
  const bridge = bridgeKeyOf(tenant, params.bridge, services);
  const now = services.clock.now();
  const search = query.search?.toLowerCase() ?? '';
  const rows = (await services.subscriptions.list(tenant.id, bridge))
    .filter(({ resource }) => resource.toLowerCase().includes(search))
    .map((one) => rendered(one, now))
    .filter(({ status }) => query.status === undefined || query.status === status);
  const { items, next } = pageOf(rows, (row) => row.calendar_id, query);
  const body = {
    success: true,
    bridge,
    subscriptions: [...items],
    count: items.length,
    next,
  } as const;
  return { body };
});

export const makeSubscriptions: Route = keyedRoute({
  name: 'makeSubscriptions',
  method: 'POST',
  path: PATH,
  summary: 'make and renew what is due now, for every calendar of the system that is mapped',
  description: 'The timer does the same every hour, and so does a change of a mapping.',
  params: BridgeParams,
  answers: { 200: SubscriptionRun },
}).handledBy(async ({ tenant, params }, services) => {
  const bridge = bridgeKeyOf(tenant, params.bridge, services);
  if (bridgeOf(tenant, bridge, services).push === undefined)
    throw notSupported(`${bridge} announces nothing; its changes are found by the timers`);
  if (!services.subscriptions.canBeTold)
    throw notSupported(
      'this deployment has no address for notices: set WEBHOOK_BASE_URL and WEBHOOK_CLIENT_SECRET',
    );
  await services.subscriptions.renewTenant(tenant.id, bridge);
  const now = services.clock.now();
  const all = await services.subscriptions.list(tenant.id, bridge);
  const errors = all.flatMap(({ resource, failure }) =>
    failure === undefined ? [] : [{ calendar_id: resource, error: failure }],
  );
  const living = all.filter(({ id }) => id !== undefined);
  return {
    body: {
      success: true,
      bridge,
      subscriptions: living.map((one) => rendered(one, now)),
      errors,
      total_subscriptions: living.length,
      total_errors: errors.length,
    },
  };
});

export const renewSubscription: Route = keyedRoute({
  name: 'renewSubscription',
  method: 'POST',
  path: `${PATH}/{id}/renew`,
  summary: 'renew one now',
  description: '`success` is false where the system refused; `error` says why.',
  params: OneParams,
  answers: { 200: OneSubscription },
  problems: [409],
}).handledBy(async ({ tenant, params }, services) => {
  const bridge = bridgeKeyOf(tenant, params.bridge, services);
  const found = await storedOf(tenant.id, bridge, params.id, services);
  return answered(bridge, await services.subscriptions.renew(tenant.id, found), services);
});

export const deleteSubscription: Route = keyedRoute({
  name: 'deleteSubscription',
  method: 'DELETE',
  path: `${PATH}/{id}`,
  summary: 'end one',
  description: 'It is made again within an hour where its calendar is still mapped.',
  params: OneParams,
  answers: { 200: OneSubscription },
  problems: [409],
}).handledBy(async ({ tenant, params }, services) => {
  const bridge = bridgeKeyOf(tenant, params.bridge, services);
  const found = await storedOf(tenant.id, bridge, params.id, services);
  return answered(bridge, await services.subscriptions.remove(tenant.id, found), services);
});

/** @throws ApiError 404 */
async function storedOf(
  tenantId: TenantId,
  bridge: BridgeKey,
  id: string,
  { subscriptions }: Services,
): Promise<Subscription> {
  const found = (await subscriptions.list(tenantId, bridge)).find((one) => one.id === id);
  if (found === undefined) throw notFound(`there is no subscription ${JSON.stringify(id)}`);
  return found;
}

/** @throws ApiError 409 where there is nothing to answer. */
function answered(bridge: BridgeKey, subscription: Subscription | undefined, { clock }: Services) {
  if (subscription === undefined)
    throw conflict(
      'the subscription is being made, renewed or ended just now: look again in a minute',
    );
  const success = subscription.failure === undefined;
  return { body: { success, bridge, subscription: rendered(subscription, clock.now()) } };
}

function rendered(subscription: Subscription, now: Instant): Row {
  const { id, resource, bridge, expiresAt, renewedAt, failures, failure, retryAt } = subscription;
  const { heardAt, unannouncedAt, silentSince } = subscription;
  const time = (at: Instant | undefined): string | null =>
    at === undefined ? null : formatInstant(at);
  return {
    subscription_id: id ?? null,
    calendar_id: resource,
    bridge_type: bridge,
    status: statusOfSubscription(subscription, now),
    is_active: isLive(subscription, now),
    expires_at: time(expiresAt),
    last_renewed_at: time(renewedAt),
    last_heard_at: time(heardAt),
    unannounced_at: time(unannouncedAt ?? silentSince),
    failures,
    error: failure ?? null,
    next_try_at: time(retryAt),
  };
}
