import * as z from 'zod';
import { BridgeError } from '../../model/errors.ts';
import type { Window } from '../../model/snapshot.ts';
import { formatInstant } from '../../model/time.ts';
import type { GraphClient } from './graph-client.ts';
import { PREFERENCES } from './graph-client.ts';
import { graphRequest, type GraphPath } from './graph-requests.ts';
import { parseDeltaItem, parsePage, type GraphEvent } from './graph-schemas.ts';

/** One round of changes: each id once, as it was told last. */
export interface DeltaRound {
  /** False where the round began at a delta link: then silence means nothing. */
  readonly isComplete: boolean;
  readonly events: readonly GraphEvent[];
  readonly removed: readonly string[];
  readonly cursor: string;
}

export interface DeltaRequest {
  readonly mailbox: string;
  readonly cursor: string | undefined;
  readonly window: Window;
  readonly beforeCall: () => Promise<void>;
}

const PAGE_SIZE = 200;
const PAGES_MAX = 200;
const PREFER = [...PREFERENCES, 'outlook.timezone="UTC"', `odata.maxpagesize=${PAGE_SIZE}`];

const CursorSchema = z.object({ window: z.int(), link: z.string() });

/**
 * `calendarView/delta` (https://learn.microsoft.com/graph/delta-query-events), from the cursor or from
 * nothing, to its end. The cursor is only good once the whole round is applied.
 * @throws BridgeError `cursor-expired`, `invalid-response` where paging does not end, …
 */
export async function readDelta(client: GraphClient, request: DeltaRequest): Promise<DeltaRound> {
  const { mailbox, window, beforeCall } = request;
  const what = `reading the changes of ${mailbox}`;
  const since = startOf(client, request);
  const seen = new Set<string>();
  const items = new Map<string, GraphEvent | undefined>();
  let path = since ?? firstPath(mailbox, window);
  for (;;) {
    if (seen.has(path) || seen.size >= PAGES_MAX)
      throw new BridgeError(
        'invalid-response',
        `Graph did not come to an end ${what}: ${seen.size} pages`,
      );
    seen.add(path);
    const headers = { Prefer: PREFER.join(', ') };
    const json = await client.call({ method: 'GET', path, mailbox, headers, what, beforeCall });
    const page = parsePage(json, what);
    for (const [index, value] of page.value.entries()) {
      const item = parseDeltaItem(value, `${what}, item ${index}`);
      // Told again, an item stands where it was told last.
      const id = 'removed' in item ? item.removed : item.event.id;
      items.delete(id);
      items.set(id, 'removed' in item ? undefined : item.event);
    }
    const { nextLink, deltaLink } = page;
    if (nextLink === undefined && deltaLink === undefined)
      throw new BridgeError('invalid-response', `Graph broke off ${what}: no link to go on`);
    path = followed(client, nextLink ?? deltaLink ?? '', what);
    if (nextLink !== undefined || deltaLink === undefined) continue;
    const cursor: z.output<typeof CursorSchema> = { window: window.version, link: deltaLink };
    return {
      isComplete: since === undefined,
      events: [...items.values()].filter((event) => event !== undefined),
      removed: [...items].flatMap(([id, event]) => (event === undefined ? [id] : [])),
      cursor: JSON.stringify(cursor),
    };
  }
}

function firstPath(mailbox: string, { start, end }: Window): GraphPath {
  const range = new URLSearchParams({
    startDateTime: formatInstant(start),
    endDateTime: formatInstant(end),
  });
  return graphRequest('GET /users/{user-id}/calendarView/delta', [mailbox], range.toString()).path;
}

/** Where the cursor leads; undefined without one, or where it is of another window. */
function startOf(
  client: GraphClient,
  { cursor, window, mailbox }: DeltaRequest,
): GraphPath | undefined {
  if (cursor === undefined) return undefined;
  const parsed = CursorSchema.safeParse(parseJson(cursor));
  // A link to another Graph than the configured one is of the time before the settings changed.
  const path = parsed.success ? client.pathOf(parsed.data.link) : undefined;
  if (!parsed.success || path === undefined)
    throw new BridgeError('cursor-expired', `the cursor of ${mailbox} leads nowhere`);
  return parsed.data.window === window.version ? path : undefined;
}

function followed(client: GraphClient, link: string, what: string): GraphPath {
  const path = client.pathOf(link);
  if (path === undefined)
    throw new BridgeError(
      'invalid-response',
      `Graph's answer to ${what} links to another host, which is not followed`,
    );
  return path;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
