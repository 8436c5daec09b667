/** Stands where the worker stands, loads the bundle, and asks for one handshake; tells the times. */
import { installFunctionsCore } from '../../local/host/functions-core.ts';
import { createInvoker } from '../../local/host/invocation.ts';

const TOKEN = 'Validation: Testing client application reachability';

const core = installFunctionsCore(() => undefined);
const importedAt = performance.now();
await import(new URL('../../dist/functions/index.js', import.meta.url).href);
const importMs = performance.now() - importedAt;
await core.model().getCapabilities({});
const target = [...core.functions.values()].find(
  ({ trigger }) => trigger.binding['route'] === 'tenants/{tenant}/bridges/webhook/{bridge}',
);
if (target === undefined) throw new Error('nothing takes notices');
const { returnValue } = await createInvoker(core).invoke({
  target,
  data: {
    http: {
      method: 'POST',
      url: 'http://127.0.0.1/tenants/town/bridges/webhook/outlook',
      nullableQuery: { validationToken: { value: TOKEN } },
      nullableParams: { tenant: { value: 'town' }, bridge: { value: 'outlook' } },
    },
  },
});
const { statusCode, body } = returnValue?.http ?? {};
const text = body?.string ?? Buffer.from(body?.bytes ?? []).toString();
if (Number(statusCode) !== 200 || text !== TOKEN)
  throw new Error(`answered ${statusCode ?? 'nothing'}: ${text}`);
// `performance.now()` counts from the start of the process.
console.log(JSON.stringify({ importMs, answeredMs: performance.now(), text }));
