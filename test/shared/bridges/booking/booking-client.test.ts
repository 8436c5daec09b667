import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import {
  BookingClient,
  type BookingCall,
} from '../../../../shared/bridges/booking/booking-client.ts';
import { UNBOUNDED, type CallContext } from '../../../../shared/bridges/bridge.ts';
import type { PorticoSettings } from '../../../../shared/bridges/booking/booking-settings.ts';
import { BridgeError } from '../../../../shared/model/errors.ts';
import { manualClock } from '../../../../local/simulator-kit/clock.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import { at, OSLO } from './booking-stage.ts';

const SETTINGS: PorticoSettings = {
  profile: 'portico',
  baseUrl: 'https://booking.example/api',
  login: 'bridge-login',
  password: 'very-secret-password',
  domain: 'municipality-a',
  locale: 'nb',
  timeZone: OSLO,
};
const READ: BookingCall = { method: 'GET', path: '/booking/events/12' };
const ANYTHING = z.unknown();

type Answer = (request: Request) => Response | Promise<Response>;

/** A client before a scripted system: sign-ins get a new session each, calls get `answer`. */
function stage(answer: Answer, options: { login?: Answer; timeoutMs?: number } = {}) {
  const clock = manualClock(at('2026-09-15T08:00:00Z'));
  const requests: Request[] = [];
  let sessions = 0;
  const signIn: Answer = () => {
    sessions += 1;
    return Response.json({ session_name: 'sess', session_id: `secret-session-${sessions}` });
  };
  const client = new BookingClient(
    SETTINGS,
    {
      fetch: async (request) => {
        requests.push(request.clone());
        const isLogin = new URL(request.url).pathname === '/api/login';
        return await (isLogin ? (options.login ?? signIn) : answer)(request);
      },
      clock: { now: () => clock.now() as Instant },
      logger: silentLogger,
    },
    options.timeoutMs,
  );
  const call = async (
    what: BookingCall = READ,
    schema: z.ZodType = ANYTHING,
    context: CallContext = UNBOUNDED,
  ): Promise<unknown> => await client.call(what, schema, context);
  const logins = (): number => requests.filter(({ url }) => url.endsWith('/login')).length;
  return { call, client, clock, requests, logins, calls: () => requests.length - logins() };
}

async function failureOf(call: Promise<unknown>): Promise<BridgeError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof BridgeError) return error;
  throw new Error(`no BridgeError but ${String(error)}`);
}

function sessionOf(request: Request | undefined): string | null {
  return new URL(request?.url ?? 'http://none').searchParams.get('sess');
}

describe('a session', () => {
  it('is opened by a form, and carried in the query of every call', async () => {
    const { call, requests } = stage(() => Response.json({ ok: 1 }));
    expect(await call({ ...READ, query: { start_date: '2026-10-01' } })).toEqual({ ok: 1 });
    const [login, read] = requests;
    expect(new URLSearchParams(await login?.text())).toEqual(
      new URLSearchParams({
        logindomain: 'municipality-a',
        login: 'bridge-login',
        passwd: 'very-secret-password',
      }),
    );
    expect(Object.fromEntries(new URL(read?.url ?? '').searchParams)).toEqual({
      start_date: '2026-10-01',
      sess: 'secret-session-1',
      domain: 'municipality-a',
      phpgw_return_as: 'json',
      api_mode: 'true',
    });
  });

  it('is kept while it is surely good, and no longer', async () => {
    const { call, clock, logins } = stage(() => Response.json([]));
    await call();
    clock.advance(28 * 60_000);
    await call();
    expect(logins()).toBe(1);
    clock.advance(2 * 60_000);
    await call();
    expect(logins()).toBe(2);
  });

  it('is opened once for many calls at the same time', async () => {
    const { call, logins, calls } = stage(() => Response.json([]));
    await Promise.all(Array.from({ length: 10 }, async () => await call()));
    expect([logins(), calls()]).toEqual([1, 10]);
  });

  it('that has lapsed is replaced, and the call made again', async () => {
    const { call, requests, logins } = stage((request) =>
      sessionOf(request) === 'secret-session-1'
        ? new Response('', { status: 401 })
        : Response.json('done'),
    );
    expect(await call({ method: 'PUT', path: '/booking/events/12', body: { name: 'x' } })).toBe(
      'done',
    );
    expect(logins()).toBe(2);
    expect(await requests.at(-1)?.json()).toEqual({ name: 'x' });
  });

  it('that lapsed under several calls is replaced once', async () => {
    const { call, logins } = stage((request) =>
      sessionOf(request) === 'secret-session-1'
        ? new Response('', { status: 401 })
        : Response.json([]),
    );
    await Promise.all([call(), call(), call()]);
    expect(logins()).toBe(2);
  });

  it('that is refused twice is a fault of the account, and the next call tries anew', async () => {
    let isRefused = true;
    const { call, logins, calls } = stage(() =>
      isRefused ? new Response('', { status: 401 }) : Response.json('done'),
    );
    expect(await failureOf(call())).toMatchObject({ kind: 'auth-rejected', status: 401 });
    expect([logins(), calls()]).toEqual([2, 2]);
    isRefused = false;
    expect(await call()).toBe('done');
    expect(logins()).toBe(3);
  });
});

describe('a sign-in', () => {
  it.each([401, 403, 404])(
    'that is refused (%i) says what to check, and rests a minute',
    async (status) => {
      const { call, clock, logins } = stage(() => Response.json([]), {
        login: () => Response.json({ msg: 'Bad login or password' }, { status }),
      });
      const error = await failureOf(call());
      expect(error).toMatchObject({ kind: 'auth-rejected', status });
      expect(error.message).toMatch(/login, password, domain/);
      expect(await failureOf(call())).toMatchObject({ kind: 'auth-rejected' });
      expect(logins()).toBe(1);
      clock.advance(60_000);
      await failureOf(call());
      expect(logins()).toBe(2);
    },
  );

  it('that answers a web page is no sign-in', async () => {
    const { call } = stage(() => Response.json([]), {
      login: () => new Response('<html>Velkommen</html>'),
    });
    expect(await failureOf(call())).toMatchObject({ kind: 'invalid-response' });
  });

  it('is shared, but each caller asks its own context', async () => {
    const { call, calls } = stage(() => Response.json('done'));
    const lost: CallContext = {
      beforeCall: async () => await Promise.reject(new Error('lease lost')),
    };
    const [first, second] = await Promise.allSettled([call(READ, ANYTHING, lost), call()]);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'lease lost' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: 'done' });
    expect(calls()).toBe(1);
  });
});

describe('an answer that is no success', () => {
  const cases: [number, string, Record<string, string>][] = [
    [400, 'rejected', {}],
    [403, 'auth-rejected', {}],
    [404, 'not-found', {}],
    [405, 'rejected', {}],
    [409, 'conflict', {}],
    [429, 'throttled', {}],
    [500, 'unavailable', {}],
    [502, 'unavailable', {}],
    [503, 'unavailable', {}],
    [503, 'throttled', { 'retry-after': '7' }],
    [302, 'invalid-response', { location: 'https://booking.example/login.php' }],
  ];
  it.each(cases)('of status %i is %s', async (status, kind, headers) => {
    const { call } = stage(() => new Response('{"error":"no"}', { status, headers }));
    expect(await failureOf(call())).toMatchObject({ kind, status });
  });

  it.each<[number, string]>([
    [400, 'invalid-response'],
    [403, 'auth-rejected'],
    [404, 'invalid-response'],
    [409, 'invalid-response'],
    [429, 'throttled'],
    [502, 'unavailable'],
  ])('of status %i with a web page is %s', async (status, kind) => {
    const { call } = stage(() => new Response('\uFEFF\n<!doctype html><p>x</p>', { status }));
    expect(await failureOf(call())).toMatchObject({ kind, status });
  });

  it.each([
    ['17', 17_000],
    ['Tue, 15 Sep 2026 08:00:30 GMT', 30_000],
    ['Tue, 15 Sep 2026 07:00:00 GMT', 0],
    ['999999999', 3_600_000],
    ['soon', undefined],
  ])('keeps Retry-After %j as %s ms', async (header, retryAfterMs) => {
    const { call } = stage(
      () => new Response('', { status: 429, headers: { 'retry-after': header } }),
    );
    expect((await failureOf(call())).retryAfterMs).toBe(retryAfterMs);
  });

  it('with Retry-After keeps the next calls back till then', async () => {
    let isBusy = true;
    const { call, clock, calls } = stage(() =>
      isBusy
        ? new Response('', { status: 429, headers: { 'retry-after': '30' } })
        : Response.json(1),
    );
    await failureOf(call());
    clock.advance(10_000);
    expect(await failureOf(call())).toMatchObject({ kind: 'throttled', retryAfterMs: 20_000 });
    expect(calls()).toBe(1);
    isBusy = false;
    clock.advance(20_000);
    expect(await call()).toBe(1);
  });

  it('names the members that were refused, and nothing that people wrote', async () => {
    const { call } = stage(() =>
      Response.json(
        {
          error: 'Validation failed',
          details: ['Contact name must be short', '"Hemmelig møte" no'],
        },
        { status: 400 },
      ),
    );
    const { message } = await failureOf(call());
    expect(message).toContain('contact name');
    expect(message).not.toContain('Hemmelig');
  });

  it('names the holder of a slot by its id alone', async () => {
    const details = 'Time conflict: Overlaps with existing event #123 (Hemmelig møte)';
    const { call } = stage(() => Response.json({ error: 'x', details }, { status: 409 }));
    const error = await failureOf(call());
    expect(error).toMatchObject({ kind: 'conflict', code: 'event:123' });
    expect(JSON.stringify([error.message, error.code])).not.toContain('Hemmelig');
  });
});

describe('an answer that is none', () => {
  const schema = z.array(z.object({ id: z.int(), from_: z.string() }));
  it.each([
    ['<!doctype html><title>Login</title>', 'a web page'],
    ['[{"id": 1', 'cut off or broken'],
    ['', 'cut off or broken'],
    ['{"error": "x"}', 'body: '],
    ['[{"id": 1, "from_": "x"}, {"id": "y", "from_": 5}]', '1.id: '],
  ])('is told apart: %s', async (body, what) => {
    const { call } = stage(() => new Response(body));
    const error = await failureOf(call(READ, schema));
    expect(error.kind).toBe('invalid-response');
    expect(error.message).toContain(what);
    expect(error.message).toContain('GET /booking/events/12');
    expect(error.cause).toBeUndefined();
  });

  it('is unavailable where no connection comes about', async () => {
    const { call } = stage(async () => await Promise.reject(new TypeError('fetch failed')));
    expect(await failureOf(call())).toMatchObject({ kind: 'unavailable', status: undefined });
  });

  it('is unavailable where it does not come in time', async () => {
    const forever: Answer = async ({ signal }) =>
      await new Promise<Response>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const { call } = stage(forever, { timeoutMs: 5 });
    const error = await failureOf(call());
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('no answer in 5 ms');
  });
});

describe('every call', () => {
  it('holds no secret in its error, whatever went wrong', async () => {
    const answers: Answer[] = [
      () => new Response('very-secret-password secret-session-1', { status: 500 }),
      () => Response.json({ error: 'very-secret-password' }, { status: 400 }),
      () => new Response('{"very-secret-password'),
      () => new Response('', { status: 401 }),
    ];
    for (const answer of answers) {
      const { message, cause } = await failureOf(
        stage(answer).call(READ, z.object({ id: z.int() })),
      );
      expect(`${message} ${String(cause)}`).not.toMatch(/secret|bridge-login/);
    }
  });

  it('is one of at most four at once', async () => {
    const waiting: (() => void)[] = [];
    const progress = { underWay: 0, most: 0, isDone: false };
    const { call } = stage(async () => {
      progress.underWay += 1;
      progress.most = Math.max(progress.most, progress.underWay);
      await new Promise<void>((resolve) => waiting.push(resolve));
      progress.underWay -= 1;
      return Response.json([]);
    });
    const calls = Promise.all(Array.from({ length: 9 }, async () => await call())).finally(() => {
      progress.isDone = true;
    });
    while (!progress.isDone) {
      for (const resolve of waiting.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await calls).toHaveLength(9);
    expect(progress.most).toBe(4);
  });

  it('asks its context first, and is not made where that refuses', async () => {
    const { call, calls } = stage(() => Response.json([]));
    await call();
    let asked = 0;
    const context: CallContext = {
      beforeCall: async () => {
        asked += 1;
        if (asked > 1) throw new Error('lease lost');
        await Promise.resolve();
      },
    };
    await call(READ, ANYTHING, context);
    expect([asked, calls()]).toEqual([1, 2]);
    await expect(call(READ, ANYTHING, context)).rejects.toThrow('lease lost');
    expect(calls()).toBe(2);
    expect(await call()).toEqual([]);
  });
});
