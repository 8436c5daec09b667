import type { RouteAnswers } from '../../../local/graph-simulator/routes.ts';
import {
  at,
  eventInput,
  eventPath,
  makeGraph,
  PERSON,
  ROOM,
  ROOM_LIST,
  subscriptionInput,
  type Answer,
  type TestGraph,
} from '../../local/graph-simulator/support.ts';

const GROUP = 'group-1';
const WINDOW = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z';
const STALE = { 'if-match': 'W/"of-long-ago"' };
export const DAILY = {
  pattern: { type: 'daily', interval: 1 },
  range: { type: 'numbered', startDate: '2026-12-03', numberOfOccurrences: 3 },
};

/** One path of the simulator, in a place where it can be made to answer whatever it can. */
export interface Scene {
  readonly graph: TestGraph;
  readonly route: RouteAnswers;
  /** The path with its names filled in; some mailboxes and events are there to choose from. */
  readonly path: (ids?: { readonly user?: string; readonly event?: string }) => string;
}

export async function sceneOf(route: RouteAnswers): Promise<Scene> {
  const graph = await makeGraph({ pageSizeDefault: 2 });
  const { body } = await graph.call('GET', `/users/${ROOM}/calendar`);
  const filled = (user: string, event: string): Record<string, string> => ({
    ':user': user,
    ':calendar': encodeURIComponent(String(body['id'])),
    ':event': encodeURIComponent(event),
    ':place': user === ROOM && route.path.includes('.roomList/') ? ROOM_LIST : user,
    ':group': user === ROOM ? GROUP : user,
    '*': '/nonsense',
  });
  const path: Scene['path'] = ({ user = ROOM, event = 'none' } = {}) =>
    route.path.replaceAll(/:\w+|\*/g, (name) => filled(user, event)[name] ?? name);
  return { graph, route, path };
}

/** Makes the route answer so. @throws Error where no scene is known that does. */
export async function provoke(scene: Scene, status: number): Promise<void> {
  const { method, path } = scene.route;
  const play = SPECIAL[`${method} ${endOf(path)} ${status}`] ?? GENERAL[status];
  if (play === undefined) throw new Error(`no scene provokes ${method} ${path} ${status}`);
  const answer = await play(scene);
  if (answer.status !== status)
    throw new Error(
      `${method} ${path} answered ${answer.status} where ${status} was to be provoked: ` +
        JSON.stringify(answer.body),
    );
}

type Play = (scene: Scene) => Promise<Answer>;

/** The path below any of the ways to say "the calendar of the user". */
function endOf(path: string): string {
  return path.replace(
    /^\/users\/:user(?:\/calendar|\/calendars\/:calendar)?(?=\/(?:events|calendarView))/,
    '',
  );
}

/** What is provoked in the same way everywhere. */
const GENERAL: Readonly<Record<number, Play>> = {
  200: async ({ graph, route, path }) => {
    if (route.path === '/$batch') return await batch(graph, [get('1', '/users')]);
    if (route.method === 'POST') return await graph.call('POST', path(), { body: SCHEDULE });
    if (route.method === 'PATCH') return await patched(graph, path, {});
    const series = await graph.create({ recurrence: DAILY });
    const query = /\/(?:calendarView|delta|instances)$/.test(route.path) ? `?${WINDOW}` : '';
    return await graph.call('GET', path({ event: series.id }) + query);
  },
  400: async ({ graph, route, path }) => {
    if (route.path === '/$batch')
      return await batch(graph, [get('1', '/users'), get('1', '/users')]);
    const headers = { prefer: 'outlook.timezone="Nowhere"' };
    const query = route.path.startsWith('/users/:user') ? '' : '?$search=x';
    return await graph.call(methodOf(route), path() + query, { headers });
  },
  401: async ({ graph, route, path }) =>
    await graph.call(methodOf(route), path(), { token: 'nonsense' }),
  404: async ({ graph, route, path }) =>
    await graph.call(methodOf(route), path({ user: 'nobody@a.example' }), { body: bodyFor(route) }),
  405: async ({ graph, path }) => await graph.call('PUT', path(), { body: {} }),
  429: async ({ graph, route, path }) => {
    const target = route.path === '*' ? `/users/${ROOM}/nonsense` : path();
    const calls = Array.from({ length: 5 }, () =>
      graph.call(methodOf(route), target, { body: bodyFor(route) }),
    );
    const answers = await Promise.all(calls);
    const refused = answers.find(({ status }) => status === 429);
    if (refused === undefined) throw new Error('five requests at once were all let in');
    return refused;
  },
};

/** What each route has of its own. */
const SPECIAL: Readonly<Record<string, Play>> = {
  'POST /events 201': async ({ graph, path }) =>
    await graph.call('POST', path(), { body: eventInput() }),
  'POST /events 409': async ({ graph, path }) => {
    await graph.call('POST', path(), { body: eventInput({ transactionId: 'T' }) });
    return await graph.call('POST', path(), {
      body: eventInput({ transactionId: 'T', subject: 'B' }),
    });
  },
  'PATCH /events/:event 412': async ({ graph, path }) => await patched(graph, path, STALE),
  'DELETE /events/:event 204': async ({ graph, path }) => await deleted(graph, path, {}),
  'DELETE /events/:event 412': async ({ graph, path }) => await deleted(graph, path, STALE),
  'POST /events/:event/cancel 202': async ({ graph, path }) => {
    const attendees = [{ type: 'required', emailAddress: { address: PERSON } }];
    const { id } = await graph.create({ attendees });
    return await graph.call('POST', path({ event: id }), { body: { Comment: 'Off' } });
  },
  'POST /events/:event/accept 202': respondedTo,
  'POST /events/:event/decline 202': respondedTo,
  'POST /events/:event/tentativelyAccept 202': respondedTo,
  'POST /subscriptions 201': async ({ graph }) => await subscribed(graph),
  'POST /subscriptions 400': async ({ graph }) => await subscribed(graph, { changeType: 'moved' }),
  'POST /subscriptions 404': async ({ graph }) =>
    await subscribed(graph, { resource: 'users/nobody@a.example/events' }),
  'POST /subscriptions 409': async ({ graph }) => {
    await subscribed(graph);
    return await subscribed(graph);
  },
  'GET /subscriptions 200': async ({ graph }) => {
    await subscribed(graph);
    return await graph.call('GET', '/subscriptions');
  },
  'GET /subscriptions/:subscription 200': async ({ graph }) =>
    await graph.call('GET', await subscriptionPath(graph)),
  'PATCH /subscriptions/:subscription 200': async ({ graph }) => {
    const { expirationDateTime } = subscriptionInput();
    return await graph.call('PATCH', await subscriptionPath(graph), {
      body: { expirationDateTime },
    });
  },
  'PATCH /subscriptions/:subscription 400': async ({ graph }) =>
    await graph.call('PATCH', await subscriptionPath(graph), {
      body: { expirationDateTime: '2040-01-01T00:00:00Z' },
    }),
  'DELETE /subscriptions/:subscription 204': async ({ graph }) =>
    await graph.call('DELETE', await subscriptionPath(graph)),
  'POST /subscriptions/:subscription/reauthorize 204': async ({ graph }) =>
    await graph.call('POST', `${await subscriptionPath(graph)}/reauthorize`),
  'GET /calendarView/delta 410': async ({ graph, path }) => {
    const round = await graph.call('GET', `${path()}?${WINDOW}`);
    await graph.control('POST', '/expire-delta', { mailbox: ROOM });
    return await graph.call('GET', String(round.body['@odata.deltaLink']));
  },
};

async function subscribed(graph: TestGraph, input: Record<string, unknown> = {}): Promise<Answer> {
  return await graph.call('POST', '/subscriptions', { body: subscriptionInput(input) });
}

async function subscriptionPath(graph: TestGraph): Promise<string> {
  const { body } = await subscribed(graph);
  return `/subscriptions/${String(body['id'])}`;
}

const SCHEDULE = {
  schedules: [ROOM, 'nobody@a.example'],
  startTime: at('2026-12-03T09:00:00'),
  endTime: at('2026-12-03T18:00:00'),
};

function methodOf({ method }: RouteAnswers): string {
  return method === '*' ? 'PUT' : method;
}

function bodyFor({ method, path }: RouteAnswers): unknown {
  if (method === 'GET' || method === 'DELETE') return undefined;
  return path.endsWith('/events') ? eventInput() : {};
}

function get(id: string, url: string): Record<string, unknown> {
  return { id, method: 'GET', url };
}

async function batch(graph: TestGraph, requests: readonly unknown[]): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return await graph.call('POST', '/$batch', { body: { requests }, headers });
}

async function patched(
  graph: TestGraph,
  path: Scene['path'],
  headers: Record<string, string>,
): Promise<Answer> {
  const { id } = await graph.create();
  return await graph.call('PATCH', path({ event: id }), { body: { subject: 'B' }, headers });
}

async function deleted(
  graph: TestGraph,
  path: Scene['path'],
  headers: Record<string, string>,
): Promise<Answer> {
  const { id } = await graph.create();
  return await graph.call('DELETE', path({ event: id }), { headers });
}

/** The room answers a person's meeting. */
async function respondedTo({ graph, path }: Scene): Promise<Answer> {
  await graph.create(
    { attendees: [{ type: 'resource', emailAddress: { address: ROOM } }] },
    PERSON,
  );
  const inRoom = await graph.call('GET', `/users/${ROOM}/events`);
  const [copy] = inRoom.body['value'] as readonly { readonly id: string }[];
  return await graph.call('POST', path({ event: copy?.id ?? '' }), {
    body: { sendResponse: true },
  });
}

/** A batch whose second request depends on one that fails: 424. */
export async function failInChain(): Promise<Answer> {
  const graph = await makeGraph();
  const gone = get('1', eventPath('none'));
  return await batch(graph, [gone, { ...get('2', '/users'), dependsOn: ['1'] }]);
}
