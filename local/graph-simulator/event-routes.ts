import * as z from 'zod';
import { answer, jsonBody, type Api, type GraphContext, type MailboxCall } from './api.ts';
import { CALENDAR_PATHS, calendarCall, findInstance, viewOptions } from './calendars.ts';
import { badRequest } from './errors.ts';
import { cancelledOccurrences, idOf, viewEvent } from './event-view.ts';
import { DuplicateTransaction } from './events.ts';
import type { ResponseKind, StoredEvent } from './model.ts';
import { listOptions, type ListOptions } from './query.ts';
import { Routes } from './routes.ts';
import type { Instance } from './series.ts';

/** Create, read, change, delete, cancel and answer single events. */
export function eventRoutes(api: Api): Routes {
  const app = new Routes();
  for (const path of CALENDAR_PATHS) {
    app.post(`${path}/events`, [201, 400, 404, 409], (c) => createEvent(c, api));
    const event = `${path}/events/:event`;
    app.get(event, [200, 400, 404], (c) => getEvent(c, api));
    app.patch(event, [200, 400, 404, 412], (c) => patchEvent(c, api));
    app.delete(event, [204, 400, 404, 412], (c) => deleteEvent(c, api));
    app.post(`${event}/cancel`, [202, 400, 404], (c) => cancelEvent(c, api));
    for (const [action, response] of RESPONSES)
      app.post(`${event}/${action}`, [202, 400, 404], (c) => respondToEvent(c, api, response));
  }
  return app;
}

const RESPONSES: readonly [string, ResponseKind][] = [
  ['accept', 'accepted'],
  ['decline', 'declined'],
  ['tentativelyAccept', 'tentativelyAccepted'],
];

async function createEvent(c: GraphContext, api: Api): Promise<Response> {
  const call = calendarCall(c, api);
  const json = await jsonBody(c);
  const event = withShownId(call, () => api.events.create(call.mailbox, json));
  const body = single(call, { event });
  const location = `${call.base}/users('${call.mailbox.objectId}')/events('${idOf({ event }, call.preferences)}')`;
  return answer(body, {
    status: 201,
    headers: { location: encodeURI(location) },
    applied: call.preferences.applied,
  });
}

/** The id of the event that exists already is shown in the form that the request prefers. */
function withShownId(call: MailboxCall, create: () => StoredEvent): StoredEvent {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof DuplicateTransaction) || error.existing === undefined) throw error;
    throw error.showing(idOf({ event: error.existing }, call.preferences));
  }
}

function getEvent(c: GraphContext, api: Api): Response {
  const call = calendarCall(c, api);
  const options = listOptions(call.query, ['$select', '$expand']);
  const instance = findInstance(c, api, call);
  return answer(single(call, instance, options), { applied: call.preferences.applied });
}

async function patchEvent(c: GraphContext, api: Api): Promise<Response> {
  const call = calendarCall(c, api);
  const json = await jsonBody(c);
  const patched = api.events.patch(findInstance(c, api, call), json, c.req.header('if-match'));
  return answer(single(call, patched), { applied: call.preferences.applied });
}

function deleteEvent(c: GraphContext, api: Api): Response {
  api.events.delete(findInstance(c, api, calendarCall(c, api)), c.req.header('if-match'));
  return new Response(null, { status: 204 });
}

async function cancelEvent(c: GraphContext, api: Api): Promise<Response> {
  const call = calendarCall(c, api);
  await readAction(c);
  api.events.cancel(findInstance(c, api, call));
  return new Response(null, { status: 202 });
}

async function respondToEvent(
  c: GraphContext,
  api: Api,
  response: ResponseKind,
): Promise<Response> {
  const call = calendarCall(c, api);
  const { sendresponse } = await readAction(c);
  const { event, occurrence } = findInstance(c, api, call);
  if (occurrence !== undefined)
    throw badRequest(
      'ErrorInvalidRequest',
      'The simulator does not hold answers to single occurrences of a meeting.',
    );
  api.events.respond(event, response, sendresponse);
  return new Response(null, { status: 202 });
}

const ActionSchema = z.object({
  comment: z.string().nullish(),
  sendresponse: z.boolean().default(true),
});

/** The parameters of cancel, accept and so on; names in any case. */
async function readAction(c: GraphContext): Promise<z.output<typeof ActionSchema>> {
  const json = await jsonBody(c);
  const lower =
    typeof json === 'object' && json !== null
      ? Object.fromEntries(Object.entries(json).map(([name, v]) => [name.toLowerCase(), v]))
      : json;
  const parsed = ActionSchema.safeParse(lower);
  if (!parsed.success) throw badRequest('BadRequest', z.prettifyError(parsed.error));
  return parsed.data;
}

function single(call: MailboxCall, instance: Instance, options?: ListOptions) {
  const view = viewOptions(call, options);
  return {
    '@odata.context': `${call.base}/$metadata#users('${call.mailbox.objectId}')/events/$entity`,
    ...viewEvent(instance, view),
    ...cancelledOccurrences(instance, view),
  };
}
