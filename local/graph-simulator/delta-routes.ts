import { answer, type Api, type GraphContext, type MailboxCall } from './api.ts';
import type { DeltaState } from './delta-tokens.ts';
import { badRequest } from './errors.ts';
import { CALENDAR_PATHS, calendarCall, queryWindow } from './calendars.ts';
import { viewBareOccurrence, viewEvent, type EventView } from './event-view.ts';
import type { StoredEvent, Tombstone } from './model.ts';
import { Routes } from './routes.ts';
import { instancesIn, type Instance } from './series.ts';

/**
 * `calendarView/delta`. A round tells, in the order of their last change, every event that changed
 * since the token: those in the window whole, all others as removed. What changes while a client
 * pages comes again at the end of the round.
 */
export function deltaRoutes(api: Api): Routes {
  const app = new Routes();
  for (const path of CALENDAR_PATHS)
    app.get(`${path}/calendarView/delta`, [200, 400, 404, 410], (c) => deltaPage(c, api));
  return app;
}

/** The items of one changed event; a series is never split over pages. */
interface Change {
  uid: string;
  changeSeq: number;
  items: EventView[];
}

const PAGE_SIZE_MAX = 1000;

function deltaPage(c: GraphContext, api: Api): Response {
  const call = calendarCall(c, api);
  const state = requestedState(call, api);
  const asked = Math.min(call.preferences.pageSizeMax ?? api.pageSizeDefault, PAGE_SIZE_MAX);
  const size = call.page?.size ?? asked;
  const changes = changesOf(call, api, state);
  const total = changes.reduce((sum, { items }) => sum + items.length, 0);
  // A long round holds pages without items, the second and then each fifth.
  const isEmptyPage = state.page > 0 && total > 0 && state.page % 5 === 1;
  const told = isEmptyPage ? [] : pageChanges(changes, size);
  const repeated = isEmptyPage ? [] : repeatedItems(call, api, state);
  const rest = changes.length - told.length;
  const last = told.at(-1);
  const next: DeltaState = {
    ...state,
    toldSeq: last?.changeSeq ?? state.toldSeq,
    page: state.page + 1,
    ...(last !== undefined && { lastUid: last.uid }),
  };
  return answer(
    {
      '@odata.context': `${call.base}/$metadata#Collection(event)`,
      value: [...repeated, ...told.flatMap(({ items }) => items)],
      ...(rest > 0 || call.page?.endless === true
        ? { '@odata.nextLink': link(call, '$skiptoken', api.deltaTokens.issue(next)) }
        : {
            '@odata.deltaLink': link(call, '$deltatoken', api.deltaTokens.issue(ended(api, next))),
          }),
    },
    { applied: call.preferences.applied },
  );
}

function link({ url }: MailboxCall, name: string, token: string): string {
  return `${url.origin}${url.pathname}?${name}=${token}`;
}

function requestedState(call: MailboxCall, api: Api): DeltaState {
  for (const name of call.query.keys())
    if (name.startsWith('$') && name !== '$skiptoken' && name !== '$deltatoken')
      throw badRequest(
        'ErrorInvalidUrlQuery',
        `The following parameters are not supported with change tracking over the 'calendarView' resource: '${name}'.`,
      );
  const token = call.query.get('$skiptoken') ?? call.query.get('$deltatoken');
  if (token !== undefined) return api.deltaTokens.read(token, call.mailbox.key);
  return {
    mailboxKey: call.mailbox.key,
    ...queryWindow(call),
    toldSeq: 0,
    initialSeq: api.store.changeSeq,
    page: 0,
  };
}

/** The state after a round: told up to the present, and nothing of the round itself. */
function ended(api: Api, { mailboxKey, startMs, endMs }: DeltaState): DeltaState {
  return { mailboxKey, startMs, endMs, toldSeq: api.store.changeSeq, page: 0 };
}

/** All changes that the round has still to tell, in order. */
function changesOf(call: MailboxCall, api: Api, state: DeltaState): Change[] {
  // A first round does not tell what left the window before it began.
  const silentUpTo = Math.max(state.toldSeq, state.initialSeq ?? 0);
  const changes: Change[] = [];
  for (const event of api.store.ofMailbox(state.mailboxKey)) {
    if (event.changeSeq <= state.toldSeq) continue;
    const items = itemsOf(call, event, state);
    if (items.length > 0) changes.push(change(event, items));
    else if (event.changeSeq > silentUpTo) changes.push(change(event, [removed(call, event)]));
  }
  for (const tombstone of api.store.removedAfter(state.mailboxKey, silentUpTo))
    changes.push(change(tombstone, [removed(call, tombstone)]));
  return changes.sort((a, b) => a.changeSeq - b.changeSeq);
}

function change({ uid, changeSeq }: StoredEvent | Tombstone, items: EventView[]): Change {
  return { uid, changeSeq, items };
}

/**
 * A single event as a whole; a series as its master, and what is left of it in the window:
 * occurrences bare, exceptions whole.
 */
function itemsOf({ preferences }: MailboxCall, event: StoredEvent, window: DeltaState) {
  const whole = (instance: Instance): EventView => ({
    '@odata.type': '#microsoft.graph.event',
    ...viewEvent(instance, preferences),
  });
  const instances = instancesIn(event, window);
  if (event.recurrence === null || instances.length === 0) return instances.map(whole);
  const occurrences = instances.flatMap((instance) => {
    const { occurrence, isException } = instance;
    if (occurrence === undefined) return [];
    return isException === true
      ? [whole(instance)]
      : [viewBareOccurrence({ ...instance, occurrence }, preferences)];
  });
  return [whole({ event }), ...occurrences];
}

function removed(
  { preferences }: MailboxCall,
  { immutableId, defaultId }: StoredEvent | Tombstone,
): EventView {
  return {
    '@odata.type': '#microsoft.graph.event',
    id: preferences.immutableIds ? immutableId : defaultId,
    '@removed': { reason: 'deleted' },
  };
}

/** As many changes as fit on a page, at least one unless the page is to be empty. */
function pageChanges(changes: readonly Change[], size: number): Change[] {
  if (size === 0) return [];
  let items = 0;
  const fitting = changes.findIndex((candidate, index) => {
    items += candidate.items.length;
    return index > 0 && items > size;
  });
  return fitting === -1 ? [...changes] : changes.slice(0, fitting);
}

/** From the third page on, each second one begins with the last item of the page before. */
function repeatedItems(call: MailboxCall, api: Api, state: DeltaState): EventView[] {
  if (state.page < 2 || state.page % 2 !== 0 || state.lastUid === undefined) return [];
  const event = api.store.get(state.lastUid);
  return event === undefined || event.changeSeq > state.toldSeq ? [] : itemsOf(call, event, state);
}
