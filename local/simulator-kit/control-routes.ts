import { Hono } from 'hono';
import * as z from 'zod';
import type { SimulatorClock } from './clock.ts';
import type { FaultInput, FaultTable } from './faults.ts';
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
  app.get('/faults', ({ json }) =>
    json({ faults: parts.faults.list(), fired: parts.faults.fired }),
  );
  app.post('/faults', async (c) => {
    try {
      parts.faults.add((await c.req.json().catch(() => undefined)) as FaultInput);
      return c.json({ ok: true }, 201);
    } catch (error) {
      if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400);
      if (error instanceof RangeError) return c.json({ error: error.message }, 400);
      throw error;
    }
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
