import { answer, jsonBody, type Api, type GraphContext } from './api.ts';
import { Routes } from './routes.ts';
import type { Subscription } from './subscriptions.ts';

/** Make, list, read, renew and end subscriptions. */
export function subscriptionRoutes({ subscriptions }: Api): Routes {
  const app = new Routes();
  const tenantOf = (c: GraphContext): string => c.env.principal.tenantId;
  const idOf = (c: GraphContext): string => c.req.param('subscription') ?? '';
  const single = (c: GraphContext, subscription: Subscription, status = 200): Response => {
    const context = `${new URL(c.req.url).origin}/v1.0/$metadata#subscriptions/$entity`;
    return answer({ '@odata.context': context, ...view(subscription) }, { status });
  };
  app.post('/subscriptions', [201, 400, 404, 409], async (c) =>
    single(c, await subscriptions.create(tenantOf(c), await jsonBody(c)), 201),
  );
  app.get('/subscriptions', [200], (c) => {
    const context = `${new URL(c.req.url).origin}/v1.0/$metadata#subscriptions`;
    return answer({ '@odata.context': context, value: subscriptions.list(tenantOf(c)).map(view) });
  });
  const one = '/subscriptions/:subscription';
  app.get(one, [200, 404], (c) => single(c, subscriptions.get(tenantOf(c), idOf(c))));
  app.patch(one, [200, 400, 404], async (c) =>
    single(c, subscriptions.renew(tenantOf(c), idOf(c), await jsonBody(c))),
  );
  app.delete(one, [204, 404], (c) => {
    subscriptions.remove(tenantOf(c), idOf(c));
    return new Response(null, { status: 204 });
  });
  app.post(`${one}/reauthorize`, [204, 404], (c) => {
    subscriptions.get(tenantOf(c), idOf(c));
    return new Response(null, { status: 204 });
  });
  return app;
}

/** As the resource type `subscription` has it. */
function view(one: Subscription): Record<string, unknown> {
  return {
    id: one.id,
    resource: one.resource,
    changeType: one.changeTypes.join(','),
    clientState: one.clientState,
    notificationUrl: one.notificationUrl,
    lifecycleNotificationUrl: one.lifecycleNotificationUrl,
    expirationDateTime: new Date(one.expiresMs).toISOString(),
    applicationId: '00000000-0000-4000-8000-000000000001',
    creatorId: '00000000-0000-4000-8000-000000000002',
    latestSupportedTlsVersion: 'v1_2',
    notificationQueryOptions: null,
    notificationUrlAppId: null,
    encryptionCertificate: null,
    encryptionCertificateId: null,
    includeResourceData: null,
  };
}
