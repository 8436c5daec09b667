import { beforeEach, describe, expect, it } from 'vitest';
import { faultOf } from '../../shared/bridges/outlook/graph-errors.ts';
import type { REQUESTS } from '../../shared/bridges/outlook/graph-requests.ts';
import {
  parseBatch,
  parseDeltaItem,
  parseEvent,
  parseMember,
  parsePage,
  parseRoom,
  parseRoomList,
  parseSubscription,
} from '../../shared/bridges/outlook/graph-schemas.ts';
import type { BridgeFault } from '../../shared/model/errors.ts';
import { systemClock } from '../../shared/util/clock.ts';
import {
  eventPath,
  items,
  makeGraph,
  PERSON,
  ROOM,
  ROOM_LIST,
} from '../local/graph-simulator/support.ts';
import { Description, graphMissing, needsGraph } from '../support/graph-contract/description.ts';
import { appPath, readExamples, type Example } from '../support/graph-contract/examples.ts';
import { pathOf } from '../support/graph-contract/exchange.ts';
import { DAILY } from '../support/graph-contract/simulator-scenes.ts';

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
    'GET /users/{user-id}/calendarView': pageOf(parseEvent),
    'GET /places/microsoft.graph.room': pageOf(parseRoom),
    'GET /places/microsoft.graph.roomList': pageOf(parseRoomList),
    'GET /places/{place-id}/microsoft.graph.roomList/rooms': pageOf(parseRoom),
    'GET /groups/{group-id}/members': pageOf(parseMember),
    'POST /subscriptions': (body) => parseSubscription(body, WHAT),
    'GET /subscriptions': pageOf(parseSubscription),
    'PATCH /subscriptions/{subscription-id}': (body) => parseSubscription(body, WHAT),
    'DELETE /subscriptions/{subscription-id}': undefined,
  };

/** Answers that the bridge would not take, each with the reason. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  'extended-property-create-event': 'the page shows the status and no body',
  'list-calendar-view': 'placeholders: the page leaves out all but a few members of the event',
  'update-event': 'placeholders: the page leaves out id, version and times of the event',
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

/** What `act` throws, if it does. */
function errorOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

function exampleNames(examples: readonly Example[]): readonly string[] {
  return examples.map(({ name }) => name).toSorted();
}

describe('documented answers', () => {
  beforeEach(needsGraph);

  const examples = graphMissing === undefined ? readExamples() : [];

  it('are read by the bridge where they answer a request of its own', () => {
    const description = new Description();
    const answered = examples.flatMap((example) => {
      const { request, response, name } = example;
      const { template } = description.find(request.method, pathOf(appPath(example)));
      const parse = READ[`${request.method} ${template}` as (typeof REQUESTS)[number]];
      if (parse === undefined || response === null || response.status >= 300) return [];
      return [{ name, error: errorOf(() => parse(response.body)) }];
    });
    expect(answered.length).toBeGreaterThan(16);
    const refused = answered.filter(({ error }) => error !== undefined);
    expect(refused.map(({ name }) => name).toSorted()).toEqual(Object.keys(NOT_TAKEN).toSorted());
    for (const { error } of refused) expect(error).toMatchObject({ kind: 'invalid-response' });
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
      expect([name, faultOf(refusal, WHAT, systemClock).kind]).toEqual([name, FAULTS[name]]);
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
      const made = name.includes('instances') ? { recurrence: DAILY } : { attendees: [place] };
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
        .replace(/\/places\/bldg\d[^/]*/, `/places/${ROOM_LIST}`)
        .replace(/\/places\/[^/.@]+$/, `/places/${ROOM}`)
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

  it('of delta are matched exactly by the occurrences and removals of the simulator', async () => {
    const valueOf = (name: string): readonly object[] => {
      const example = examples.find((candidate) => candidate.name === name);
      return parsePage(example?.response?.body, WHAT).value as readonly object[];
    };
    const graph = await makeGraph();
    const gone = await graph.create();
    await graph.create({ recurrence: DAILY });
    const path = `/users/${ROOM}/calendarView/delta?startDateTime=2026-12-01&endDateTime=2026-12-06`;
    const whole = await graph.call('GET', path);
    const occurrence = items(whole).find(({ type }) => type === 'occurrence');
    const [bare] = valueOf('delta-occurrence-shape');
    expect(Object.keys(occurrence ?? {}).toSorted()).toEqual(Object.keys(bare ?? {}).toSorted());
    await graph.call('DELETE', eventPath(gone.id));
    const next = await graph.call('GET', String(whole.body['@odata.deltaLink']));
    const [removal] = valueOf('delta-4-next-round-removed');
    expect(items(next)[0]).toEqual({ ...removal, id: gone.id });
  });

  it('leave nothing in the lists that is no example any more', () => {
    const names = new Set(exampleNames(examples));
    const listed = Object.keys({ ...NOT_TAKEN, ...FAULTS, ...NOT_HELD });
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
  });
});
