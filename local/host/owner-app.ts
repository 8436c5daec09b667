import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import * as z from 'zod';
import type { HostClock } from './clock.ts';
import type { HostLog } from './core-types.ts';
import type { Listeners } from './listeners.ts';
import type { Invoker } from './invocation.ts';

export interface OwnerParts {
  /** Without one every route answers 401. */
  adminKey: string | undefined;
  listeners: Listeners;
  invoker: Invoker;
  clock: HostClock;
  log: HostLog;
  /** Origins of the simulators whose clocks move with the host's. */
  simulators: readonly string[];
}

/** Whether a request carries the host's key: `x-functions-key`, or `X-API-Key` as the application names it. */
export function ownerCheck(
  adminKey: string | undefined,
): (header: (name: string) => string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return (header) => {
    const key = header('x-functions-key') ?? header('x-api-key');
    if (key === undefined || adminKey === undefined || adminKey === '') return false;
    return timingSafeEqual(digest(key), digest(adminKey));
  };
}

const SIMULATOR_TIMEOUT_MS = 5_000;

const InvokeBodySchema = z.object({ input: z.unknown() }).partial();
const ClockBodySchema = z.object({ advanceMs: z.number().int() });

/**
 * The routes the real host serves for its owner, and three of our own:
 * - `GET /admin/functions`
 * - `POST /admin/functions/{name}` with `{input?}`: runs a timer or queue function once, 202;
 *   with `?wait=true` 200 `{status: "succeeded"|"failed", message}` when it has ended (ours)
 * - `POST /admin/clock` `{advanceMs}`: moves the host's clock and the simulators' (ours)
 * - `GET /admin/host/idle`: `{idle, queues, running}` (ours)
 */
export function createOwnerApp(parts: OwnerParts): Hono {
  const { listeners, invoker } = parts;
  const isOwner = ownerCheck(parts.adminKey);
  const app = new Hono().basePath('/admin');

  app.use('*', async (c, next) => {
    if (!isOwner((name) => c.req.header(name)))
      return c.json({ error: 'the key of the host is needed in x-functions-key' }, 401);
    return await next();
  });

  app.get('/functions', (c) => c.json(listeners.list()));

  app.post('/functions/:name', async (c) => {
    const name = c.req.param('name');
    const text = await c.req.text();
    const body = InvokeBodySchema.safeParse(text === '' ? {} : parseJson(text));
    if (!body.success) return c.json({ error: 'the body is {} or {"input": …}' }, 400);
    const run = listeners.runner(name);
    if (run === 'unknown') return c.json({ error: `there is no function "${name}"` }, 404);
    if (run === 'http') return c.json({ error: `"${name}" is called at its route` }, 400);
    const ended = outcome(run(body.data.input)).then((result) => {
      if (result.status === 'failed')
        parts.log('error', 'system', `${name}, run for its owner, failed: ${result.message}`);
      return result;
    });
    if (c.req.query('wait') === 'true') return c.json(await ended);
    return c.body(null, 202);
  });

  app.post('/clock', async (c) => {
    const body = ClockBodySchema.safeParse(parseJson(await c.req.text()));
    if (!body.success) return c.json({ error: 'advanceMs: a whole number of milliseconds' }, 400);
    const failed = await advanceSimulators(parts.simulators, body.data.advanceMs);
    if (failed.length > 0)
      return c.json({ error: `clocks that did not move: ${failed.join('; ')}` }, 502);
    parts.clock.advance(body.data.advanceMs);
    return c.json({ now: new Date(parts.clock.now()).toISOString() });
  });

  app.get('/host/idle', async (c) => c.json(await idleness(listeners, invoker)));
  return app;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Outcome {
  status: 'succeeded' | 'failed';
  message: string;
}

async function outcome(ended: Promise<void>): Promise<Outcome> {
  try {
    await ended;
    return { status: 'succeeded', message: '' };
  } catch (error) {
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Moves each simulator's clock; answers the ones that did not, with the reason. */
async function advanceSimulators(
  simulators: readonly string[],
  advanceMs: number,
): Promise<string[]> {
  const advance = async (origin: string): Promise<string | undefined> => {
    try {
      const response = await fetch(`${origin}/__sim/clock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ advanceMs }),
        signal: AbortSignal.timeout(SIMULATOR_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `${origin} answered ${response.status}`;
    } catch (error) {
      return `${origin}: ${String(error)}`;
    }
  };
  const results = await Promise.all(simulators.map(advance));
  return results.filter((result) => result !== undefined);
}

interface Idleness {
  /** Nothing runs and no queue holds a message, hidden ones included. */
  idle: boolean;
  queues: Record<string, number>;
  running: number;
}

/**
 * Looks at the queues twice: a function that begins after the first look may have emptied one queue
 * and filled another before the second.
 */
async function idleness(listeners: Listeners, invoker: Invoker): Promise<Idleness> {
  const begunBefore = invoker.begun();
  const look = async (): Promise<Idleness> => {
    const queues = await listeners.queueDepths();
    const running = invoker.running();
    const empty = Object.values(queues).every((count) => count === 0);
    return { idle: empty && running === 0, queues, running };
  };
  const first = await look();
  if (!first.idle) return first;
  const second = await look();
  return { ...second, idle: second.idle && invoker.begun() === begunBefore };
}
