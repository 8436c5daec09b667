import { onTestFinished } from 'vitest';
import { createAuthority } from '../../../local/authority/core.ts';
import { createBookingSimulator } from '../../../local/booking-simulator/core.ts';
import { createGraphSimulator } from '../../../local/graph-simulator/core.ts';
import { manualClock, type SimulatorClock } from '../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import { serveCore, type SimulatorCore } from '../../../local/simulator-kit/server.ts';
import * as authority from '../authority/support.ts';
import { townSeed } from '../booking-simulator/harness.ts';
import { eventInput, ROOM, SEED, TENANT } from '../graph-simulator/support.ts';

/** A simulator behind a real socket, and what a client does to it. */
export interface Served {
  readonly url: string;
  readonly clock: SimulatorClock;
  /** What its faults waited for, in ms. */
  readonly waits: readonly number[];
  /** A request that makes something. */
  post(): Promise<Response>;
  /** How much is there by now; undefined where nothing is kept. */
  made(): Promise<number | undefined>;
  call(method: string, path: string, body?: unknown): Promise<Response>;
  fault(fault: unknown): Promise<Response>;
}

interface Parts {
  readonly clock: SimulatorClock;
  readonly waits: number[];
}

export async function serveGraph(): Promise<Served> {
  const parts = newParts();
  const simulator = createGraphSimulator({
    clock: parts.clock,
    journal: new Journal(),
    verifyToken: () => Promise.resolve({ tenantId: TENANT }),
    wait: waitOf(parts),
  });
  simulator.seed(SEED);
  const served = await serve(simulator.fetch, parts, { authorization: 'Bearer token' });
  const path = `/v1.0/users/${ROOM}/events`;
  const list = async (): Promise<number> => {
    const { value } = (await (await served.call('GET', path)).json()) as { value: unknown[] };
    return value.length;
  };
  return { ...served, made: list, post: () => served.call('POST', path, eventInput()) };
}

export async function serveBooking(): Promise<Served> {
  const parts = newParts();
  const simulator = createBookingSimulator({
    clock: parts.clock,
    journal: new Journal(),
    wait: waitOf(parts),
  });
  simulator.seed(townSeed());
  const served = await serve(simulator.fetch, parts, {});
  const login = await fetch(`${served.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ logindomain: 'town', login: 'bridge', passwd: 'secret' }),
  });
  const { session_name: name, session_id: id } = (await login.json()) as Record<string, string>;
  const query = `${name ?? ''}=${id ?? ''}&domain=town&phpgw_return_as=json&api_mode=1`;
  const call: Served['call'] = (method, path, body) =>
    served.call(method, `${path}${path.includes('?') ? '&' : '?'}${query}`, body);
  let hour = 0;
  return {
    ...served,
    call,
    made: async () => {
      const path = '/booking/resources/12/schedule?start_date=2026-06-02&end_date=2026-06-02';
      return ((await (await call('GET', path)).json()) as unknown[]).length;
    },
    post: () => {
      hour += 1;
      const [from, to] = [hour, hour + 1].map(
        (at) => `2026-06-02 ${String(at).padStart(2, '0')}:00:00`,
      );
      const event = { title: 'Choir', from_: from, to_: to, source: 'x', contact_name: 'Per' };
      return call('POST', '/booking/resources/12/events', event);
    },
  };
}

export async function serveSignIn(): Promise<Served> {
  const parts = newParts();
  const { clock } = parts;
  const simulator = createAuthority({ clock, journal: new Journal(), key: new Uint8Array(32) });
  simulator.seed(authority.SEED);
  const served = await serve(simulator.fetch, parts, {});
  return {
    ...served,
    made: () => Promise.resolve(undefined),
    post: () =>
      fetch(`${served.url}/${authority.TENANT}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: authority.CLIENT,
          client_secret: authority.SECRET,
          scope: 'https://graph.microsoft.com/.default',
        }),
      }),
  };
}

function newParts(): Parts {
  return { clock: manualClock(Date.parse('2026-06-01T08:00:00.250Z')), waits: [] };
}

function waitOf({ waits, clock }: Parts): (ms: number) => Promise<void> {
  return (ms) => {
    waits.push(ms);
    clock.advance(ms);
    return Promise.resolve();
  };
}

async function serve(
  core: SimulatorCore,
  parts: Parts,
  headers: Record<string, string>,
): Promise<Parts & Pick<Served, 'url' | 'call' | 'fault'>> {
  const server = await serveCore(core, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const call: Served['call'] = (method, path, body) =>
    fetch(server.url + path, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    ...parts,
    url: server.url,
    call,
    fault: (fault) => call('POST', '/__sim/faults', fault),
  };
}
