import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventInput,
  eventPath,
  items,
  makeGraph,
  PERSON,
  ROOM,
  type Answer,
} from './support.ts';

/** The documentation's request and response pairs, which lie beside the repository on some machines. */
const FOLDER = fileURLToPath(new URL('../../../../shared/graph/examples/', import.meta.url));
const missing = existsSync(FOLDER) ? undefined : `the documented examples are not at ${FOLDER}`;

interface Documented {
  status: number;
  body: Record<string, unknown>;
}

function documented(name: string): Documented {
  const example = JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as {
    response: Documented;
  };
  return example.response;
}

/** Members without OData annotations, which depend on the request. */
function members(value: unknown): string[] {
  return Object.keys(value as object).filter((name) => !name.startsWith('@odata.context'));
}

function firstOf({ body }: { body: Record<string, unknown> }): Record<string, unknown> {
  return (body['value'] as Record<string, unknown>[])[0] ?? {};
}

/** Paths of the documented members that the answer lacks, at any depth; null stands for any object. */
function missingMembers(answered: unknown, wanted: unknown, path = '$'): string[] {
  if (answered === null || typeof wanted !== 'object' || wanted === null) return [];
  if (Array.isArray(wanted)) {
    const [given] = answered as unknown[];
    return given === undefined ? [] : missingMembers(given, wanted[0], `${path}[]`);
  }
  return members(wanted).flatMap((name) => {
    const given = (answered as Record<string, unknown>)[name];
    const inner = `${path}.${name}`;
    return given === undefined
      ? [inner]
      : missingMembers(given, (wanted as Record<string, unknown>)[name], inner);
  });
}

describe.skipIf(missing !== undefined)(
  `answers beside the documented ones ${missing ?? ''}`,
  () => {
    it('have the members of a created event', async () => {
      const graph = await makeGraph();
      const { status, body } = documented('create-event-transaction-id');
      const answer = await graph.call('POST', `/users/${PERSON}/events`, {
        body: eventInput({
          transactionId: 'T',
          location: { displayName: 'Bar' },
          attendees: [{ type: 'required', emailAddress: { address: 'guest@else.example' } }],
        }),
      });
      expect(answer.status).toBe(status);
      expect(missingMembers(answer.body, body)).toEqual([]);
    });

    it('have the members of delta pages, removals and occurrences', async () => {
      const graph = await makeGraph();
      const gone = await graph.create();
      await graph.create({
        recurrence: {
          pattern: { type: 'daily', interval: 1 },
          range: { type: 'noEnd', startDate: '2026-12-03' },
        },
      });
      const path = `/users/${ROOM}/calendarView/delta?startDateTime=2026-12-01&endDateTime=2026-12-06`;
      const first = await graph.call('GET', path, { headers: { prefer: 'odata.maxpagesize=1' } });
      expect(missingMembers(first.body, documented('delta-1-initial').body)).toEqual([]);
      const whole = await graph.call('GET', path);
      const occurrence = items(whole).find(({ type }) => type === 'occurrence');
      const bare = firstOf(documented('delta-occurrence-shape'));
      expect(members(occurrence).toSorted()).toEqual(members(bare).toSorted());
      await graph.call('DELETE', eventPath(gone.id));
      const next = await graph.call('GET', String(whole.body['@odata.deltaLink']));
      const removal = firstOf(documented('delta-4-next-round-removed'));
      expect(items(next)[0]).toEqual({ ...removal, id: gone.id });
    });

    it('have the members of places, settings and schedules', async () => {
      const graph = await makeGraph();
      const get = async (path: string): Promise<Answer> => await graph.call('GET', path);
      const rooms = await get('/places/microsoft.graph.room');
      // Both are gone from the room of v1.0's present metadata.
      const {
        displayDevice: _renamed,
        isManaged: _gone,
        ...room
      } = firstOf(documented('places-rooms'));
      expect(missingMembers(items(rooms)[0], room)).toEqual([]);
      const settings = documented('mailbox-settings').body;
      const {
        automaticRepliesSetting: _off,
        delegateMeetingMessageDeliveryOptions: _none,
        ...rest
      } = settings;
      expect(missingMembers((await get(`/users/${ROOM}/mailboxSettings`)).body, rest)).toEqual([]);
      await graph.create();
      const schedule = await graph.call('POST', `/users/${ROOM}/calendar/getSchedule`, {
        body: {
          schedules: [ROOM],
          startTime: at('2026-12-03T09:00:00'),
          endTime: at('2026-12-03T18:00:00'),
        },
      });
      expect(missingMembers(schedule.body, documented('get-schedule').body)).toEqual([]);
    });

    it('have the codes and the shape of errors', async () => {
      const graph = await makeGraph();
      const stale = documented('error-delta-sync-state-not-found');
      const answer = await graph.call('GET', `/users/${ROOM}/calendarView/delta?$deltatoken=x`);
      expect(answer.status).toBe(stale.status);
      expect(errorOf(answer)['code']).toBe((stale.body['error'] as { code: string }).code);
      expect(missingMembers(answer.body, stale.body)).toEqual([]);
    });
  },
);
