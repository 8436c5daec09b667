import { Hono } from 'hono';
import * as z from 'zod';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import { controlRoutes } from '../simulator-kit/control-routes.ts';
import { FaultTable, underFault, type Wait } from '../simulator-kit/faults.ts';
import type { Journal } from '../simulator-kit/journal.ts';
import { noticeRoutes, type Send } from '../simulator-kit/notice-weather.ts';
import { RequestLog } from '../simulator-kit/request-log.ts';
import type { SimulatorCore } from '../simulator-kit/server.ts';
import { GENERIC_PREFIX, genericInterface } from './generic-interface.ts';
import { Notices } from './notices.ts';
import { peopleRoute } from './people.ts';
import { restInterface, type Trace } from './rest.ts';
import { applySeed, SeedError, SeedSchema, type BookingSeed } from './seed.ts';
import { SESSION_NAME, Sessions } from './sessions.ts';
import { BookingStore } from './store.ts';

export interface BookingSimulator {
  fetch: SimulatorCore;
  /** As `POST /__sim/seed`. @throws z.ZodError on a seed of the wrong form, SeedError. */
  seed(seed: BookingSeed): void;
  log: RequestLog;
  faults: FaultTable;
  /** Sends the notices that are due; a process asks for it again and again. */
  pump(): Promise<void>;
}

/**
 * The municipal booking system as its REST interfaces show it, for several municipalities ("domains")
 * at once. Published routes are at `/login`, `/refreshsession` and `/booking/...`, and those of the
 * generic contract, for the domains that have it, at `/api/...`; `/__sim/...` steers the simulation. `latencyMs` is waited before every published answer.
 */
export function createBookingSimulator(options: {
  clock: SimulatorClock;
  journal: Journal;
  latencyMs?: number;
  /** How a fault's delay is waited for. */
  wait?: Wait;
  /** How subscribers are reached. Default: the global `fetch`. */
  send?: Send;
  /** 0 to 1, for what goes wrong with notices. Default: `Math.random`. */
  random?: () => number;
}): BookingSimulator {
  const { clock, journal, latencyMs = 0, wait } = options;
  const { send = (request: Request) => fetch(request), random = Math.random } = options;
  const store = new BookingStore(journal, clock);
  const sessions = new Sessions(store, clock);
  const log = new RequestLog();
  const faults = new FaultTable(['session']);
  const rest = restInterface(store, sessions);
  const generic = genericInterface(store);
  const notices = new Notices(journal, { clock, store, send, random });
  const control = simRoutes({ store, sessions, log, faults, clock, notices });

  const answerPublished = async (request: Request, path: string): Promise<Response> => {
    const trace: Trace = {};
    const answer = path.startsWith(GENERIC_PREFIX) ? generic : rest;
    const entry = (status: number) => ({
      time: new Date(clock.now()).toISOString(),
      method: request.method,
      path,
      status,
      ...trace,
    });
    const fault = faults.take({ method: request.method, path });
    if (fault?.lapse === 'session')
      sessions.end(new URL(request.url).searchParams.get(SESSION_NAME));
    if (latencyMs > 0) await new Promise((done) => setTimeout(done, latencyMs));
    try {
      const response = await underFault(fault, { clock, wait }, () => answer(request, trace));
      log.add(entry(response.status));
      return response;
    } catch (error) {
      // The caller never sees a status: the connection is cut.
      log.add(entry(0));
      throw error;
    }
  };

  return {
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      if (pathname.startsWith('/__sim/')) return await control.fetch(request);
      return await answerPublished(request, pathname + search);
    },
    seed: (seed) => applySeed(store, SeedSchema.parse(seed)),
    log,
    faults,
    pump: async () => await notices.pump(),
  };
}

function simRoutes(parts: {
  store: BookingStore;
  sessions: Sessions;
  log: RequestLog;
  faults: FaultTable;
  clock: SimulatorClock;
  notices: Notices;
}): Hono {
  const { store, sessions, log, faults, clock, notices } = parts;
  const app = new Hono();
  const reset = (): void => {
    store.clear();
    notices.clear();
  };
  app.route('/__sim', noticeRoutes(notices));
  app.get('/__sim/subscriptions', (c) =>
    c.json({
      subscriptions: store.webhooks.all().map((one) => ({
        id: one.id,
        domain: one.domain,
        contract: one.contract,
        resource_id: one.resourceId,
        url: one.url,
        expires: one.contract === 'generic' ? null : new Date(one.expiresMs).toISOString(),
      })),
    }),
  );
  app.delete('/__sim/subscriptions/:id', (c) => {
    store.webhooks.forget(c.req.param('id'));
    return c.body(null, 204);
  });
  app.route('/__sim', controlRoutes({ log, faults, clock, reset }));
  app.post('/__sim/seed', async (c) => {
    const seed = SeedSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!seed.success) return c.json({ error: z.prettifyError(seed.error) }, 400);
    try {
      applySeed(store, seed.data);
    } catch (error) {
      if (error instanceof SeedError) return c.json({ error: error.message }, 400);
      throw error;
    }
    return c.json({ ok: true });
  });
  app.post('/__sim/lapse-sessions', (c) =>
    c.json({ lapsed: sessions.lapse(c.req.query('domain')) }),
  );
  const announce = notices.saved.bind(notices);
  app.post('/__sim/people', peopleRoute(store, sessions, announce));
  return app;
}
