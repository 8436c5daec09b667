import { answer, pageOf, type Api, type GraphContext, type MailboxCall } from './api.ts';
import {
  CALENDAR_PATHS,
  calendarCall,
  findInstance,
  queryWindow,
  viewOptions,
} from './calendars.ts';
import { badRequest } from './errors.ts';
import { viewEvent } from './event-view.ts';
import { listOptions } from './query.ts';
import { Routes } from './routes.ts';
import { instancesIn, type Instance } from './series.ts';

const LIST_OPTIONS = [
  '$select',
  '$expand',
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$count',
] as const;

/** Lists of events: `/events`, `/calendarView` and the `/instances` of a series. */
export function listRoutes(api: Api): Routes {
  const app = new Routes();
  for (const path of CALENDAR_PATHS) {
    app.get(`${path}/events`, [200, 400, 404], (c) => listEvents(c, api));
    app.get(`${path}/calendarView`, [200, 400, 404], (c) => listView(c, api));
    app.get(`${path}/events/:event/instances`, [200, 400, 404], (c) => listInstances(c, api));
  }
  return app;
}

function listEvents(c: GraphContext, api: Api): Response {
  const call = calendarCall(c, api);
  const instances = api.store.ofMailbox(call.mailbox.key).map((event) => ({ event }));
  return list(call, api, instances);
}

function listView(c: GraphContext, api: Api): Response {
  const call = calendarCall(c, api);
  const window = queryWindow(call);
  const instances = api.store
    .ofMailbox(call.mailbox.key)
    .flatMap((event) => instancesIn(event, window));
  return list(call, api, instances);
}

function listInstances(c: GraphContext, api: Api): Response {
  const call = calendarCall(c, api);
  const { event, occurrence } = findInstance(c, api, call);
  if (event.recurrence === null || occurrence !== undefined)
    throw badRequest('ErrorInvalidRequest', 'Only a series has instances.');
  return list(call, api, instancesIn(event, queryWindow(call)));
}

function list(call: MailboxCall, api: Api, all: readonly Instance[]): Response {
  const options = listOptions(call.query, LIST_OPTIONS);
  const { filter, compare, top, skip } = options;
  const fitting = filter === undefined ? [...all] : all.filter(filter);
  if (compare !== undefined) fitting.sort(compare);
  const size = top ?? call.preferences.pageSizeMax ?? api.pageSizeDefault;
  const { page, nextLink } = pageOf(fitting, call, { skip, size });
  return answer(
    {
      '@odata.context': `${call.base}/$metadata#users('${call.mailbox.objectId}')/events`,
      ...(options.count && { '@odata.count': fitting.length }),
      value: page.map((instance) => viewEvent(instance, viewOptions(call, options))),
      ...(nextLink !== undefined && { '@odata.nextLink': nextLink }),
    },
    { applied: call.preferences.applied },
  );
}
