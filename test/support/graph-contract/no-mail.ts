import type { Sent } from './exchange.ts';

interface InBatch {
  readonly method?: string;
  readonly url?: string;
  readonly body?: unknown;
}

/** Actions on an event that write to somebody; an answer to an invitation may do without. */
const MAILS = /\/(?:cancel|forward|sendMail|reply|replyAll|send)$/i;
const ANSWERS = /\/(?:accept|decline|tentativelyAccept)$/i;
const EVENTS = /\/events(?:\/[^/]+)?$/i;

/**
 * Why a request to Graph would mail people; undefined where it would not. Deleting a meeting that the
 * mailbox organizes does so too, which a request does not show: that is for the simulator's mails to say.
 * Source: user-post-events, event-update, event-cancel, event-decline, event-forward (Graph v1.0).
 */
export function whyItMails({ method, target, body }: Sent): string | undefined {
  const path = target.split('?')[0] ?? '';
  if (/\/\$batch$/i.test(path)) return inBatch(body);
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (MAILS.test(path)) return `${method} ${path}`;
  const members = objectOf(body);
  if (ANSWERS.test(path))
    return members['sendResponse'] === false ? undefined : `${method} ${path}, with an answer`;
  return EVENTS.test(path) && 'attendees' in members
    ? `${method} ${path}, with attendees`
    : undefined;
}

function inBatch(body: string): string | undefined {
  const { requests } = objectOf(body);
  if (!Array.isArray(requests)) return undefined;
  return (requests as InBatch[])
    .map(({ method = 'GET', url = '', body: inner }) =>
      whyItMails({
        method: method.toUpperCase(),
        target: url,
        headers: new Map(),
        body: inner === undefined ? '' : JSON.stringify(inner),
      }),
    )
    .find((why) => why !== undefined);
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
