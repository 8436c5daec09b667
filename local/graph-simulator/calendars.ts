import { mailboxCall, type Api, type GraphContext, type MailboxCall } from './api.ts';
import { badRequest, itemNotFound } from './errors.ts';
import type { ViewOptions } from './event-view.ts';
import { guidOf, readOccurrenceId } from './ids.ts';
import type { Mailbox } from './model.ts';
import type { ListOptions } from './query.ts';
import { instanceOfDate, type Instance } from './series.ts';
import { queryInstant } from './time.ts';

/** The three ways to say "the events of the user's calendar"; each mailbox has one calendar. */
export const CALENDAR_PATHS = [
  '/users/:user',
  '/users/:user/calendar',
  '/users/:user/calendars/:calendar',
] as const;

export function calendarId(mailbox: Mailbox): string {
  return `AAMkAG${Buffer.from(guidOf(`calendar ${mailbox.key}`)).toString('base64')}=`;
}

/** @throws GraphError 404 where the path names a calendar other than the mailbox's own. */
export function calendarCall(c: GraphContext, api: Api): MailboxCall {
  const call = mailboxCall(c, api);
  const calendar = c.req.param('calendar');
  if (calendar !== undefined && calendar !== calendarId(call.mailbox)) throw itemNotFound();
  return call;
}

/** @throws GraphError 404 also for an occurrence that was taken out of its series. */
export function findInstance(c: GraphContext, api: Api, { mailbox }: MailboxCall): Instance {
  const id = c.req.param('event') ?? '';
  const event = api.store.byId(mailbox.key, id);
  if (event !== undefined) return { event };
  const read = readOccurrenceId(id);
  const master = read && api.store.get(read.masterUid);
  if (read === undefined || master?.mailboxKey !== mailbox.key) throw itemNotFound();
  const instance = instanceOfDate(master, read.date);
  if (instance === undefined) throw itemNotFound();
  return instance;
}

/** @throws GraphError 400 where the query names no window, or one that ends before it starts. */
export function queryWindow({ query }: MailboxCall): { startMs: number; endMs: number } {
  const [start, end] = [query.get('startdatetime'), query.get('enddatetime')];
  if (start === undefined || end === undefined)
    throw badRequest(
      'ErrorInvalidParameter',
      'This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.',
    );
  const window = {
    startMs: queryInstant(start, 'startDateTime'),
    endMs: queryInstant(end, 'endDateTime'),
  };
  if (window.endMs < window.startMs)
    throw badRequest('ErrorInvalidParameter', 'endDateTime lies before startDateTime.');
  return window;
}

export function viewOptions(
  { preferences }: MailboxCall,
  options?: Pick<ListOptions, 'select' | 'expand'>,
): ViewOptions {
  return { ...preferences, select: options?.select, expand: options?.expand };
}
