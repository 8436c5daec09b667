import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOM } from '../graph-simulator/support.ts';
import { serveBooking, serveGraph, serveSignIn, type Served } from './served.ts';

const SERVERS = { graph: serveGraph, booking: serveBooking, 'sign-in': serveSignIn };
type Name = keyof typeof SERVERS;

/** The rows of the table of effects in the documentation. */
const ROWS = readFileSync(new URL('../../../docs/simulators.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, effect, fault, where] =
      /^\| ([^|]+?) +\| `(\{.*\})` +\| ([^|]+?) +\|/.exec(line) ?? [];
    if (effect === undefined || fault === undefined || where === undefined) return [];
    return where.split(', ').map((name) => ({ effect, name: name as Name, fault }));
  });

const VIEW = `/v1.0/users/${ROOM}/calendarView`;
const WINDOW = 'startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';

interface Page {
  readonly value: unknown[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.deltaLink'?: string;
}

async function page(served: Served, link: string): Promise<Page> {
  const { pathname, search } = new URL(link, served.url);
  return (await (await served.call('GET', pathname + search)).json()) as Page;
}

/** Sizes of the pages from a link on, up to `most` of them. */
async function pageSizes(served: Served, first: string, most = 30): Promise<number[]> {
  const sizes: number[] = [];
  const seen = new Set<string>();
  for (let link: string | undefined = first; link !== undefined && sizes.length < most;) {
    expect(seen).not.toContain(link);
    seen.add(link);
    const { value, '@odata.nextLink': next } = await page(served, link);
    sizes.push(value.length);
    link = next;
  }
  return sizes;
}

/** How many things are there, of which one was made before; a sign-in keeps none. */
async function expectMade(served: Served, count: number): Promise<void> {
  const made = await served.made();
  expect(made ?? count).toBe(count);
}

async function statuses(served: Served, calls: number): Promise<number[]> {
  const found: number[] = [];
  for (let call = 0; call < calls; call += 1) found.push((await served.post()).status);
  return found;
}

/** One check a row. Each begins with the fault armed, and with one thing made before. */
const CHECKS: Readonly<Record<string, (served: Served) => Promise<void>>> = {
  unavailable: async (served) => {
    const answer = await served.post();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: { code: 'ServiceUnavailable' } });
    await expectMade(served, 1);
  },
  'throttled, in seconds': async (served) => {
    const answer = await served.post();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '90']);
  },
  'throttled, till a date': async (served) => {
    served.clock.advance(3_600_000);
    const answer = await served.post();
    const date = answer.headers.get('retry-after');
    expect([answer.status, date]).toEqual([429, 'Mon, 01 Jun 2026 09:01:31 GMT']);
  },
  'a page that says it is fine': async (served) => expectPage(served, 200),
  "a proxy's page": async (served) => expectPage(served, 502),
  'broken JSON': async (served) => {
    const answer = await served.post();
    expect([answer.status, await answer.text()]).toEqual([200, '{"value":[{']);
    await expectMade(served, 1);
  },
  'an answer cut off': async (served) => {
    const answer = await served.post();
    expect(answer.ok).toBe(true);
    const text = await answer.text();
    expect(text).toMatch(/^\{/);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    await expectMade(served, 2);
  },
  'no connection': async (served) => {
    await expect(served.post()).rejects.toThrow('fetch failed');
    await expectMade(served, 1);
  },
  'an answer lost': async (served) => {
    await expect(served.post()).rejects.toThrow('fetch failed');
    await expectMade(served, 2);
  },
  slow: async (served) => {
    expect((await served.post()).status).toBe(201);
    expect(served.waits).toEqual([31_000]);
    await expectMade(served, 2);
  },
  'the second call': async (served) => {
    const [one, two, three] = await statuses(served, 3);
    expect([one, two, three]).toEqual([three, 503, one]);
  },
  'three calls': async (served) => {
    const found = await statuses(served, 4);
    expect(found.slice(0, 3)).toEqual([503, 503, 503]);
    expect(found[3]).toBeLessThan(300);
    const { fired } = (await (await served.call('GET', '/__sim/faults')).json()) as {
      fired: number;
    };
    expect(fired).toBe(3);
  },
  'a version that moved on': async (served) => {
    const { value } = await page(served, `${VIEW.replace('calendarView', 'events')}?$top=1`);
    const [{ id } = { id: '' }] = value as { id: string }[];
    const path = `/v1.0/users/${ROOM}/events/${encodeURIComponent(id)}`;
    expect((await served.call('PATCH', path, { subject: 'new' })).status).toBe(412);
    expect((await page(served, path)) as unknown).not.toMatchObject({ subject: 'new' });
  },
  'short pages': async (served) => {
    await statuses(served, 2);
    expect(await pageSizes(served, `${VIEW}?${WINDOW}&$top=50`)).toEqual([1, 1, 1]);
  },
  'an empty page': async (served) => {
    expect(await pageSizes(served, `${VIEW}?${WINDOW}`)).toEqual([0, 1]);
  },
  'a page size ignored': async (served) => {
    await statuses(served, 2);
    expect(await pageSizes(served, `${VIEW}?${WINDOW}&$top=2`)).toEqual([3]);
  },
  'pages without end': async (served) => {
    for (const path of [VIEW, `${VIEW}/delta`]) {
      const sizes = await pageSizes(served, `${path}?${WINDOW}`, 15);
      expect(sizes).toHaveLength(15);
      expect(sizes[0]).toBe(1);
    }
  },
  'a session lapsed': async (served) => {
    expect(await statuses(served, 2)).toEqual([401, 401]);
  },
  'a token lapsed': async (served) => {
    expect(await statuses(served, 2)).toEqual([401, 401]);
  },
  'delta tokens expired': async (served) => {
    const first = await page(served, `${VIEW}/delta?${WINDOW}`);
    await served.fault({ match: { path: 'delta' }, lapse: 'delta' });
    const { pathname, search } = new URL(first['@odata.deltaLink'] ?? '');
    for (let call = 0; call < 2; call += 1) {
      const answer = await served.call('GET', pathname + search);
      expect(answer.status).toBe(410);
      expect(await answer.json()).toMatchObject({ error: { code: 'SyncStateNotFound' } });
    }
  },
};

async function expectPage(served: Served, status: number): Promise<void> {
  const answer = await served.post();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html']);
  expect(await answer.text()).toBe('<html>Sorry</html>');
  await expectMade(served, 1);
}

describe('the table of faults', () => {
  it('holds a row for each check', () => {
    const effects = new Set(ROWS.map(({ effect }) => effect));
    expect([...effects].sort()).toEqual(Object.keys(CHECKS).sort());
  });

  it.each(ROWS)('tells the truth of $effect: $name', async ({ effect, name, fault }) => {
    const served = await SERVERS[name]();
    expect((await served.post()).ok).toBe(true);
    const armed = await served.fault(JSON.parse(fault));
    expect(await armed.json()).toEqual({ ok: true });
    await CHECKS[effect]?.(served);
  });
});

describe('a fault that is not understood', () => {
  it.each<[Name, unknown, RegExp]>([
    ['graph', { match: {}, statuss: 500 }, /statuss/],
    ['graph', { match: { verb: 'GET' }, status: 500 }, /verb/],
    ['booking', { match: {}, page: { size: 1 } }, /page/],
    ['booking', { match: {}, lapse: 'token' }, /token/],
    ['sign-in', { match: {}, lapse: 'session' }, /session/],
    ['graph', { match: {}, page: {} }, /size or endless/],
    ['graph', { match: {}, retryAfter: { seconds: -1 } }, /seconds/],
    ['booking', { match: {}, drop: 'during' }, /drop/],
    ['booking', 'no object', /object/],
  ])('is refused with the reason: %s %j', async (name, fault, reason) => {
    const served = await SERVERS[name]();
    const answer = await served.fault(fault);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(reason);
    expect((await served.post()).ok).toBe(true);
  });
});

describe('faults inside of a batch', () => {
  const request = (id: string, subject: string) => ({
    id,
    method: 'POST',
    url: `/users/${ROOM}/events`,
    headers: { 'Content-Type': 'application/json', Prefer: 'IdType="ImmutableId"' },
    body: {
      subject,
      start: { dateTime: '2026-12-02T09:00:00', timeZone: 'UTC' },
      end: { dateTime: '2026-12-02T10:00:00', timeZone: 'UTC' },
    },
  });
  const batch = (served: Served): Promise<Response> =>
    served.call('POST', '/v1.0/$batch', { requests: [request('1', 'one'), request('2', 'two')] });

  it('are the answer of one request, with its headers', async () => {
    const served = await serveGraph();
    const match = { path: '/events' };
    await served.fault({ match, status: 429, body: {}, retryAfter: { seconds: 5 } });
    const { responses } = (await (await batch(served)).json()) as {
      responses: { status: number; headers: Record<string, string> }[];
    };
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 429]);
    expect(responses.find(({ status }) => status === 429)?.headers).toMatchObject({
      'Retry-After': '5',
    });
    expect(await served.made()).toBe(1);
  });

  it.each([
    ['before', 1],
    ['after', 2],
  ])(
    'that cut a connection %s the work lose the answer of all, done or not',
    async (drop, made) => {
      const served = await serveGraph();
      await served.fault({ match: { path: '/events' }, drop });
      await expect(batch(served)).rejects.toThrow('fetch failed');
      expect(await served.made()).toBe(made);
    },
  );

  it('that delay one make all of it late', async () => {
    const served = await serveGraph();
    await served.fault({ match: { path: '/events' }, delayMs: 7000 });
    expect((await batch(served)).status).toBe(200);
    expect(served.waits).toEqual([7000]);
  });
});

it('a delay is real where no other time is given', async () => {
  const served = await serveSignIn();
  await served.fault({ match: {}, delayMs: 40 });
  const from = performance.now();
  expect((await served.post()).status).toBe(200);
  expect(performance.now() - from).toBeGreaterThan(35);
});
