import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offsetClock } from '../../local/simulator-kit/clock.ts';
import { serveCore, type RunningServer } from '../../local/simulator-kit/server.ts';
import { formatInstant } from '../../shared/model/time.ts';
import type { Instant } from '../../shared/util/clock.ts';
import {
  bookingReader,
  osloMinutes,
  signIn,
  type PorticoAccess,
} from '../../local/verify/booking-reader.ts';
import { describeBridgeContract } from '../support/bridge-contract.ts';
import { areEqual, compareRooms, type ComparedSystems } from '../../local/verify/comparator.ts';
import { guideBlock, guideBlocks, settingsIn } from '../support/guide.ts';
import { startLocalApp, type LocalApp } from '../support/local-app.ts';
import { ToyCalendar, TOY_TOKEN } from '../support/toy-calendar.ts';
import { OSLO, TOY, ToyStage } from '../support/toy-stage.ts';
import { ToyBridge } from './toy-bridge.ts';

const HOUR_S = 3600;

/** The toy stands beside the running app, which is given the settings of the guide and nothing else. */
describe('the guide to adding a bridge by settings alone', () => {
  const toy = new ToyCalendar({ clock: offsetClock(), spaces: ['hall', 'attic'], pageSize: 3 });
  const room = { resourceId: '2001', mailbox: 'hall@municipal-a.example' };
  const days = { from: dayFromNow(1), to: dayFromNow(30) };
  let server: RunningServer;
  let app: LocalApp;
  let systems: ComparedSystems & { readonly booking: PorticoAccess };
  let apiKey: string;

  beforeAll(async () => {
    server = await serveCore(toy.fetch, { host: '127.0.0.1', port: 0 });
    const settings = settingsIn(guideBlock('settings'));
    const base = new URL(settings['BRIDGE_TOY_BASE_URL'] ?? '');
    app = await startLocalApp([], {
      ...settings,
      BRIDGE_TOY_BASE_URL: server.url + base.pathname,
      // The timers' own ticks are left out: the test syncs by hand.
      ...Object.fromEntries(TIMERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true'])),
    });
    const [tenant] = app.endpoints.tenants;
    if (tenant?.booking.profile !== 'portico') throw new Error('the demo has no such tenant');
    apiKey = tenant.apiKey;
    systems = {
      fetch: (request) => fetch(request),
      graphUrl: tenant.graph.url,
      graphToken: tenant.graph.token,
      bookingUrl: tenant.booking.url,
      booking: tenant.booking,
    };
    await seedRoom();
  }, 120_000);

  afterAll(async () => {
    await app.stop();
    await server.close();
  }, 30_000);

  it('is followed: the bridge is there, it is mapped to both others, and all three rooms are equal', async () => {
    const { bridges } = (await call('GET', '/bridges')) as { bridges: Record<string, object> };
    expect(bridges['toy']).toMatchObject({
      type: 'rest',
      class: 'RestBridge',
      capabilities: { changes: 'list', suspends: false, last_modified: true, title_chars_max: 80 },
      health: { status: 'healthy' },
    });
    const { calendars } = (await call('GET', '/bridges/toy/calendars')) as { calendars: object[] };
    expect(calendars).toMatchObject([
      { id: 'attic', name: 'Space attic', type: 'room' },
      { id: 'hall', name: 'Space hall', capacity: 10 },
    ]);

    await map('outlook', room.mailbox);
    await map('booking_system', room.resourceId);
    await peopleBook();
    await syncAll();
    expect(toyLines()).toHaveLength(12);
    await expectEqual();

    const before = toy.requests.length;
    await syncAll();
    expect(toy.requests.slice(before).filter((line) => !line.startsWith('GET '))).toEqual([]);

    await peopleChange();
    await syncAll();
    expect(toyLines()).toHaveLength(10);
    expect(toyLines().filter((line) => line.startsWith('Toy 0 moved'))).toHaveLength(1);
    await expectEqual();
  }, 120_000);

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${app.endpoints.api}${path}`, {
      method,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }

  async function map(other: string, calendar: string): Promise<void> {
    await call('POST', '/mappings/resources', {
      bridge_from: 'toy',
      bridge_to: other,
      source_calendar_id: 'hall',
      target_calendar_id: calendar,
    });
  }

  /** A call of this route writes to its target alone; what the others have comes to the toy first. */
  async function syncAll(): Promise<void> {
    const others = ['outlook', 'booking_system'];
    const routes = [...others.map((other) => `${other}/toy`), ...others.map((one) => `toy/${one}`)];
    for (const route of routes) {
      const answer = await call('POST', `/bridges/sync/${route}`, { handle_deletions: true });
      expect(answer).toMatchObject({ success: true });
    }
  }

  async function expectEqual(): Promise<void> {
    const [compared] = await compareRooms(systems, [room], days, { descriptions: true });
    if (compared === undefined) throw new Error('nothing was compared');
    expect(compared).toMatchObject({ onlyInOutlook: [], onlyInBooking: [] });
    expect(areEqual([compared])).toBe(true);
    const read = await bookingReader(systems);
    expect((await read(room.resourceId, days, true)).sort()).toEqual(toyLines());
  }

  function toyLines(): string[] {
    const minutes = (seconds: number): string =>
      osloMinutes(formatInstant((seconds * 1000) as Instant));
    return toy
      .booked('hall')
      .map(({ what, when }) => {
        const times = `${minutes(when.from)} - ${minutes(when.until)}`;
        return `${what.headline} | ${times} | ${what.notes}`;
      })
      .sort();
  }

  async function peopleBook(): Promise<void> {
    const session = new URLSearchParams({ ...(await signIn(systems)) }).toString();
    for (const n of [0, 1, 2, 3]) {
      toy.book('hall', {
        what: { headline: `Toy ${n}`, notes: 'Sal & kjøkken' },
        when: { from: at(n + 2, 8), until: at(n + 2, 9) },
      });
      await graph('POST', '', {
        subject: `Outlook ${n}`,
        body: { contentType: 'text', content: 'Saksliste' },
        ...graphTimes(n + 2, 10),
      });
      await post(`${systems.bookingUrl}/booking/resources/${room.resourceId}/events?${session}`, {
        title: `Booking ${n}`,
        description: 'Øving',
        source: 'web',
        contact_name: 'Per',
        from_: osloWall(at(n + 2, 12)),
        to_: osloWall(at(n + 2, 13)),
      });
    }
  }

  /** One is moved and named anew, one ends in the toy, one in Outlook. */
  async function peopleChange(): Promise<void> {
    const slots = toy.booked('hall');
    const keyOf = (title: string): string =>
      slots.find(({ what }) => what.headline === title)?.key ?? '';
    toy.change(keyOf('Toy 0'), {
      what: { headline: 'Toy 0 moved' },
      when: { from: at(9, 8), until: at(9, 9) },
    });
    toy.cancel(keyOf('Booking 1'));
    const page = (await graph('GET', '?$top=50')) as { value: { id: string; subject: string }[] };
    const ended = page.value.find(({ subject }) => subject === 'Outlook 2');
    await graph('DELETE', `/${encodeURIComponent(ended?.id ?? '')}`);
  }

  async function graph(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${systems.graphUrl}/users/${room.mailbox}/events${path}`, {
      method,
      headers: {
        authorization: `Bearer ${systems.graphToken}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : await answer.json();
  }

  async function seedRoom(): Promise<void> {
    const { graph, booking } = app.endpoints.simulators ?? { graph: '', booking: '' };
    const [, payload = ''] = systems.graphToken.split('.');
    const { tid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { tid: string };
    const rooms = [{ mailbox: room.mailbox, displayName: 'Hall' }];
    const domain = 'municipal-a.example';
    await post(`${graph}/__sim/seed`, { tenants: [{ tenantId: tid, domain, rooms }] });
    const resources = [{ id: Number(room.resourceId), name: 'Hall', building_id: 9 }];
    const buildings = [{ id: 9, name: 'Halls' }];
    const { domain: name } = systems.booking;
    await post(`${booking}/__sim/seed`, {
      domains: [{ domain: name, accounts: [], buildings, resources }],
    });
  }
});

describe('the guide to adding a bridge by code', () => {
  it('shows the files that are tested here, word by word', () => {
    const files = guideBlocks().filter(({ name }) => name.endsWith('.ts'));
    expect(files.map(({ name }) => name)).toEqual([
      'test/docs/toy-mapper.ts',
      'test/docs/toy-bridge.ts',
    ]);
    for (const { name, text } of files)
      expect(text).toBe(
        readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8'),
      );
  });
});

describeBridgeContract('the bridge that the guide writes', () => {
  const stage = new ToyStage({ pageSize: 2 });
  const settings = { baseUrl: 'http://toy.example/v2', token: TOY_TOKEN, timeZone: OSLO };
  return Promise.resolve(stage.harness(new ToyBridge(TOY, settings, stage.ports)));
});

const TIMERS = [
  'syncBookingToOutlook',
  'syncOutlookToBooking',
  'detectDeletions',
  'reconcileDeletions',
];

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}

function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Seconds since 1970 of a full hour of UTC, some days from now. */
function at(day: number, hour: number): number {
  return Date.parse(`${dayFromNow(day)}T00:00:00Z`) / 1000 + hour * HOUR_S;
}

function graphTimes(day: number, hour: number): object {
  const time = (seconds: number): object => ({
    dateTime: new Date(seconds * 1000).toISOString().slice(0, 19),
    timeZone: 'UTC',
  });
  return { start: time(at(day, hour)), end: time(at(day, hour + 1)) };
}

function osloWall(seconds: number): string {
  return `${osloMinutes(new Date(seconds * 1000).toISOString())}:00`;
}
