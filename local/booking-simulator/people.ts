import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { domainOfRequest } from './generic-settings.ts';
import { ROUTES } from './rest.ts';
import type { Sessions } from './sessions.ts';
import type { BookingStore } from './store.ts';
import type { Saved } from './webhooks.ts';

/** Body of `POST /__sim/people`: a change named by the REST route that makes the same one. */
const PeopleSchema = z.object({
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().startsWith('/booking/'),
  body: z.record(z.string(), z.unknown()).optional(),
  /** Else `domain` in either query or in `body`, the one a key in the headers opens, or the only one. */
  domain: z.string().optional(),
});

/**
 * A person's change in the web pages: no session, no session log. Unlike REST, the pages can blank a
 * field, set what REST forces, delete an event for good, and change bookings; and what is saved here
 * is announced to subscribers, by whichever contract they asked.
 */
export function peopleRoute(
  store: BookingStore,
  sessions: Sessions,
  announce: (domain: string, change: Saved) => void,
): (c: Context) => Promise<Response> {
  const app = new Hono<{ Bindings: { domain: string } }>();
  for (const route of ROUTES)
    app.on(route.method, route.path, async (c) => {
      const account = { login: 'person', password: '', organization_numbers: [] };
      const { domain } = c.env;
      const touches = (): void => undefined;
      const saved = (change: Saved): void => announce(domain, change);
      const call = { store, sessions, domain, account, person: true, touches, saved };
      return await route.handle(c, call);
    });
  app.notFound((c) => c.json({ error: 'no such page' }, 404));

  return async (c) => {
    const parsed = PeopleSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400);
    const { method, path, body = {} } = parsed.data;
    const url = new URL(path, 'http://web.pages');
    const { domain: inBody, ...fields } = body;
    const asked =
      parsed.data.domain ??
      c.req.query('domain') ??
      url.searchParams.get('domain') ??
      inBody ??
      domainOfRequest(store, c.req.raw.headers);
    const domains = store.domains();
    const domain = asked ?? (domains.length === 1 ? domains[0] : undefined);
    if (typeof domain !== 'string' || !domains.includes(domain))
      return c.json({ error: 'domain: one of those seeded' }, 400);
    const isBlank = Object.keys(fields).length === 0;
    const request = new Request(url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(isBlank ? {} : { body: JSON.stringify(fields) }),
    });
    return await app.fetch(request, { domain });
  };
}
