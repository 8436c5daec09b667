import { Hono } from 'hono';
import * as z from 'zod';
import type { SimulatorClock } from './clock.ts';
import { FaultSchema, type FaultTable } from './faults.ts';
import type { RequestLog } from './request-log.ts';

/**
 * The routes under `/__sim` that every simulator serves: the request log, faults, reset and clock.
 * `reset` empties the simulated system (its owner decides what "empty" is).
 */
export function controlRoutes(parts: {
  log: RequestLog;
  faults: FaultTable;
  clock: SimulatorClock;
  reset: () => void;
}): Hono {
  const app = new Hono();
  app.get('/requests', (c) => {
    const since = c.req.query('since');
    const sinceMs = since === undefined ? -Infinity : Number(since) || Date.parse(since);
    if (Number.isNaN(sinceMs)) return c.json({ error: 'since: ISO 8601 or epoch ms' }, 400);
    return c.json(parts.log.since(sinceMs));
  });
  app.get('/faults', (c) => c.json({ faults: parts.faults.list() }));
  app.post('/faults', async (c) => {
    const fault = FaultSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!fault.success) return c.json({ error: z.prettifyError(fault.error) }, 400);
    parts.faults.add(fault.data);
    return c.json({ ok: true }, 201);
  });
  app.delete('/faults', (c) => {
    parts.faults.clear();
    return c.body(null, 204);
  });
  app.post('/reset', (c) => {
    parts.reset();
    parts.log.clear();
    parts.faults.clear();
    return c.body(null, 204);
  });
  app.get('/clock', (c) => c.json({ now: new Date(parts.clock.now()).toISOString() }));
  app.post('/clock', async (c) => {
    const body = z
      .object({ advanceMs: z.number() })
      .safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return c.json({ error: 'advanceMs: a number of milliseconds' }, 400);
    parts.clock.advance(body.data.advanceMs);
    return c.json({ now: new Date(parts.clock.now()).toISOString() });
  });
  return app;
}
