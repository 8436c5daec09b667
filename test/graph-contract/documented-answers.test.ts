import { describe, expect, it } from 'vitest';
import { faultOf } from '../../shared/bridges/outlook/graph-errors.ts';
import { REQUESTS } from '../../shared/bridges/outlook/graph-requests.ts';
import {
  parseBatch,
  parseDeltaItem,
  parseEvent,
  parseMember,
  parsePage,
  parseRoom,
} from '../../shared/bridges/outlook/graph-schemas.ts';
import type { BridgeFault } from '../../shared/model/errors.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { makeGraph, PERSON, ROOM } from '../local/graph-simulator/support.ts';
import { Description, graphMissing } from '../support/graph-contract/description.ts';
import { appPath, readExamples, type Example } from '../support/graph-contract/examples.ts';
import { pathOf } from '../support/graph-contract/exchange.ts';

const WHAT = 'a documented request';

/** How the bridge reads the answer to each of its requests; undefined where it has no body. */
const READ: Readonly<Record<(typeof REQUESTS)[number], ((body: unknown) => unknown) | undefined>> =
  {
    'POST /$batch': (body) => parseBatch(body, WHAT),
    'GET /users/{user-id}/calendarView/delta': pageOf(parseDeltaItem),
    'GET /users/{user-id}/events': pageOf(parseEvent),
    'POST /users/{user-id}/events': (body) => parseEvent(body, WHAT),
    'GET /users/{user-id}/events/{event-id}': (body) => parseEvent(body, WHAT),
    'PATCH /users/{user-id}/events/{event-id}': (body) => parseEvent(body, WHAT),
    'DELETE /users/{user-id}/events/{event-id}': undefined,
    'GET /places/microsoft.graph.room': pageOf(parseRoom),
    'GET /groups/{group-id}/members': pageOf(parseMember),
  };

/** Answers that the bridge would not take, each with the reason. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  'update-event': 'placeholders: the page leaves out id, version and times of the event',
  'extended-property-create-event': 'the page shows the status and no body',
};

/** What a documented refusal is to the bridge. */
const FAULTS: Readonly<Record<string, BridgeFault>> = {
  'error-application-access-policy': 'auth-rejected',
  'error-cancel-not-organizer': 'rejected',
  'error-delta-sync-state-not-found': 'cursor-expired',
  'error-occurrence-crossing-boundary': 'rejected',
  'subscription-duplicate': 'conflict',
};

/** Requests that the simulator does not hold, each with the reason. */
const NOT_HELD: Readonly<Record<string, string>> = {
  'batch-mixed': 'directory roles, Planner and other paths beside the calendar',
  'places-room-lists': 'rooms are not in lists',
  'places-rooms-in-list': 'rooms are not in lists',
  'place-get-room-list': 'rooms are not in lists',
  'subscription-create': 'no notifications',
  'subscription-delete': 'no notifications',
  'subscription-get': 'no notifications',
  'subscription-list': 'no notifications',
  'subscription-reauthorize': 'no notifications',
  'subscription-renew': 'no notifications',
  'translate-exchange-ids': 'ids are asked for in the form that is wanted',
  'extended-property-expand': 'of a message',
  'get-schedule-one-user': 'sends the interval as text, where the description has a number',
};

function pageOf(parse: (json: unknown, what: string) => unknown): (body: unknown) => unknown {
  return (body) => parsePage(body, WHAT).value.map((item) => parse(item, WHAT));
}

function exampleNames(examples: readonly Example[]): readonly string[] {
  return examples.map(({ name }) => name).toSorted();
}

describe.skipIf(graphMissing !== undefined)(`documented answers ${graphMissing ?? ''}`, () => {
  const examples = graphMissing === undefined ? readExamples() : [];

  it('are read by the bridge where they answer a request of its own', () => {
    const description = new Description();
    const read = examples.flatMap((example) => {
      const { request, response } = example;
      const { template } = description.find(request.method, pathOf(appPath(example)));
      const parse = READ[`${request.method} ${template}` as (typeof REQUESTS)[number]];
      if (parse === undefined || response === null || response.status >= 300) return [];
      if (example.name in NOT_TAKEN) {
        expect(() => parse(response.body), example.name).toThrow('has another shape');
        return [];
      }
      expect(() => parse(response.body), example.name).not.toThrow();
      return [example.name];
    });
    expect(read.length).toBeGreaterThan(14);
  });

  it('of an error are what they mean to the bridge', () => {
    const errors = examples.filter(({ response }) => (response?.status ?? 0) >= 400);
    expect(exampleNames(errors)).toEqual(Object.keys(FAULTS).toSorted());
    for (const { name, response } of errors) {
      const refusal = {
        status: response?.status ?? 0,
        header: () => undefined,
        body: response?.body,
      };
      expect(faultOf(refusal, WHAT, systemClock).kind, name).toBe(FAULTS[name]);
    }
  });

  it('have the status that the simulator gives to the documented request', async () => {
    const held = examples.filter(
      ({ request: { direction, method }, response, placeholders, name }) =>
        placeholders !== true &&
        direction === undefined &&
        /^[A-Z]+$/.test(method) &&
        response !== null &&
        !(name in NOT_HELD) &&
        !(name in FAULTS),
    );
    const statuses = new Map<string, number>();
    for (const { name, request, response } of held) {
      const graph = await makeGraph();
      const place = { type: 'resource', emailAddress: { address: ROOM } };
      const recurrence = {
        pattern: { type: 'daily', interval: 1 },
        range: { type: 'noEnd', startDate: '2026-12-03' },
      };
      const made = name.includes('instances') ? { recurrence } : { attendees: [place] };
      const { id } = await graph.create(made, PERSON);
      const delta = await graph.call(
        'GET',
        `/users/${PERSON}/calendarView/delta?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-30T00:00:00Z`,
      );
      const calendar = await graph.call('GET', `/users/${PERSON}/calendar`);
      const token = String(delta.body['@odata.deltaLink']).split('=').at(-1) ?? '';
      const path = request.path
        .replace(/^\/me(?=\/)/, `/users/${PERSON}`)
        .replace(/\/events\/[^/?]+/, `/events/${encodeURIComponent(id)}`)
        .replace(
          /\/calendars\/[^/]+/,
          `/calendars/${encodeURIComponent(String(calendar.body['id']))}`,
        )
        .replace(/\/groups\/[^/]+/, '/groups/group-1')
        .replace(/\/places\/[^/.]+$/, `/places/${ROOM}`)
        .replace(/(token=).+$/, `$1${token}`);
      const answer = await graph.call(request.method, path, {
        headers: { ...request.headers },
        ...(request.body === null ? {} : { body: request.body }),
      });
      statuses.set(name, answer.status);
      expect([name, answer.status, answer.status < 300 ? '' : answer.body]).toEqual([
        name,
        response?.status,
        '',
      ]);
    }
    expect(statuses.size).toBeGreaterThan(20);
  });

  it('leave nothing in the lists that is no example any more', () => {
    const names = new Set(exampleNames(examples));
    const listed = Object.keys({ ...NOT_TAKEN, ...FAULTS, ...NOT_HELD });
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
  });
});
