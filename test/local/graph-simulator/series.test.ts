import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventPath,
  items,
  makeGraph,
  PERSON,
  ROOM,
  type Item,
  type TestGraph,
} from './support.ts';

const WINDOW = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2029-12-01T00:00:00Z';
const DELTA = `/users/${ROOM}/calendarView/delta?startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-02-01T00:00:00Z`;
const IMMUTABLE = { prefer: 'IdType="ImmutableId", odata.maxpagesize=100' };

interface Shown extends Item {
  type: string;
  start: { dateTime: string };
}

async function instances(graph: TestGraph, id: string, window = WINDOW): Promise<Shown[]> {
  const found = await graph.call('GET', `${eventPath(id)}/instances?${window}&$top=500`, {
    headers: IMMUTABLE,
  });
  return items(found) as Shown[];
}

function starts(found: readonly Shown[]): string[] {
  return found.map(({ start }) => start.dateTime.slice(0, 16));
}

/** A weekly series on four Thursdays at 10:00 UTC, from 3 December 2026. */
async function weekly(graph: TestGraph, input: Record<string, unknown> = {}, mailbox = ROOM) {
  return await graph.create(
    {
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
        range: { type: 'numbered', startDate: '2026-12-03', numberOfOccurrences: 4 },
      },
      ...input,
    },
    mailbox,
    IMMUTABLE,
  );
}

async function told(graph: TestGraph, path: string): Promise<{ items: Shown[]; link: string }> {
  const answer = await graph.call('GET', path, { headers: IMMUTABLE });
  return { items: items(answer) as Shown[], link: String(answer.body['@odata.deltaLink']) };
}

async function change(graph: TestGraph, id: string, body: Record<string, unknown>) {
  return await graph.call('PATCH', eventPath(id), { body, headers: IMMUTABLE });
}

async function occurrence(graph: TestGraph, masterId: string, index: number): Promise<Shown> {
  const found = (await instances(graph, masterId))[index];
  if (found === undefined) throw new Error(`the series has no occurrence ${index}`);
  return found;
}

describe('a recurrence', () => {
  const patterns: [string, string, Record<string, unknown>, string[]][] = [
    ['daily', '2026-12-03', { type: 'daily', interval: 3 }, ['12-03', '12-06', '12-09', '12-12']],
    [
      'weekly, from a start that does not fit',
      '2026-12-03',
      { type: 'weekly', interval: 1, daysOfWeek: ['monday', 'friday'] },
      ['12-04', '12-07', '12-11', '12-14'],
    ],
    [
      'monthly on the 31st, on the last day of shorter months',
      '2026-12-31',
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 },
      ['12-31', '01-31', '02-28', '03-31'],
    ],
    [
      'every third month',
      '2026-12-07',
      { type: 'absoluteMonthly', interval: 3, dayOfMonth: 7 },
      ['12-07', '03-07', '06-07', '09-07'],
    ],
    [
      'on the first Thursday or Friday of a month',
      '2026-12-03',
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['thursday', 'friday'] },
      ['12-03', '01-01', '02-04', '03-04'],
    ],
    [
      'on the last Monday of every other month, counted from the first that fits',
      '2026-12-29',
      { type: 'relativeMonthly', interval: 2, daysOfWeek: ['monday'], index: 'last' },
      ['01-25', '03-29', '05-31', '07-26'],
    ],
    [
      'yearly on 29 February',
      '2027-02-01',
      { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 },
      ['02-28', '02-29', '02-28'],
    ],
    [
      'yearly on the last Wednesday of November',
      '2026-12-01',
      { type: 'relativeYearly', interval: 1, daysOfWeek: ['wednesday'], month: 11, index: 'last' },
      ['11-24', '11-29', '11-28'],
    ],
  ];
  it.each(patterns)(
    'falls where its pattern says: %s',
    async (_name, startDate, pattern, dates) => {
      const graph = await makeGraph();
      const { id, recurrence } = await graph.create({
        start: at(`${startDate}T10:00:00`),
        end: at(`${startDate}T11:00:00`),
        recurrence: { pattern, range: { type: 'noEnd', startDate } },
      });
      expect(recurrence).toMatchObject({ pattern });
      const found = starts(await instances(graph, id)).slice(0, dates.length);
      expect(found).toEqual(dates.map((date) => expect.stringContaining(`-${date}T10:00`)));
    },
  );

  it('keeps its wall time: forward in the spring gap, the first of the two in the autumn fold', async () => {
    const graph = await makeGraph();
    const inNights = async (startDate: string, from: string, to: string) => {
      const { id } = await graph.create({
        start: at(`${startDate}T${from}`, 'Europe/Oslo'),
        end: at(`${startDate}T${to}`, 'Europe/Oslo'),
        recurrence: {
          pattern: { type: 'daily', interval: 1 },
          range: { type: 'numbered', startDate, numberOfOccurrences: 3 },
        },
      });
      const found = await instances(graph, id);
      return found.map(({ start, end }) =>
        [start, end as Shown['start']].map(({ dateTime }) => dateTime.slice(8, 16)).join(' to '),
      );
    };
    expect(await inNights('2027-03-27', '02:30:00', '02:45:00')).toEqual([
      '27T01:30 to 27T01:45',
      '28T01:30 to 28T01:45',
      '29T00:30 to 29T00:45',
    ]);
    // Its end, at 03:15, is there only once and lies before its start: it keeps its length.
    expect((await inNights('2027-03-27', '02:30:00', '03:15:00'))[1]).toBe('28T01:30 to 28T02:15');
    expect(await inNights('2027-10-30', '02:30:00', '02:45:00')).toEqual([
      '30T00:30 to 30T00:45',
      '31T00:30 to 31T00:45',
      '01T01:30 to 01T01:45',
    ]);
  });
});

describe('one occurrence', () => {
  it('becomes an exception when it is changed: whole in delta, and known by its original start', async () => {
    const graph = await makeGraph();
    const master = await weekly(graph);
    const before = await told(graph, DELTA);
    const second = await occurrence(graph, master.id, 1);
    const changed = await change(graph, second.id, {
      subject: 'Moved',
      start: at('2026-12-11T12:00:00'),
      end: at('2026-12-11T13:00:00'),
    });
    expect(changed.status).toBe(200);
    const exception = {
      id: second.id,
      type: 'exception',
      seriesMasterId: master.id,
      subject: 'Moved',
      originalStart: '2026-12-10T10:00:00.000Z',
      recurrence: null,
    };
    expect(changed.body).toMatchObject(exception);
    const after = await told(graph, before.link);
    expect(after.items.map(({ type }) => type)).toEqual([
      'seriesMaster',
      'occurrence',
      'exception',
      'occurrence',
      'occurrence',
    ]);
    expect(after.items[2]).toMatchObject(exception);
    // All of a series have its version, as in the documented list of instances.
    expect(new Set(after.items.map((item) => item['@odata.etag'])).size).toBe(1);
    expect(after.items[0]?.['@odata.etag']).not.toBe(master['@odata.etag']);
    expect(starts(await instances(graph, master.id))[1]).toBe('2026-12-11T12:00');
  });

  it('keeps what is its own when the rest of the series is renamed', async () => {
    const graph = await makeGraph();
    const master = await weekly(graph);
    const [first, second] = await instances(graph, master.id);
    await change(graph, String(first?.id), { subject: 'Own' });
    await change(graph, String(second?.id), { showAs: 'tentative' });
    await change(graph, master.id, { subject: 'All' });
    const names = (await instances(graph, master.id)).map(({ subject, type }) => [subject, type]);
    expect(names).toEqual([
      ['Own', 'exception'],
      ['All', 'exception'],
      ['All', 'occurrence'],
      ['All', 'occurrence'],
    ]);
  });

  it('that is deleted is missing in the series that delta tells again, and nowhere named', async () => {
    const graph = await makeGraph();
    const master = await weekly(graph);
    const before = await told(graph, DELTA);
    const third = await occurrence(graph, master.id, 2);
    expect((await graph.call('DELETE', eventPath(third.id))).status).toBe(204);
    const after = await told(graph, before.link);
    expect(after.items.map(({ type }) => type)).toEqual([
      'seriesMaster',
      ...Array(3).fill('occurrence'),
    ]);
    expect(after.items.map(({ id }) => id)).not.toContain(third.id);
    expect((await graph.call('GET', eventPath(third.id))).status).toBe(404);
    expect(starts(await instances(graph, master.id))).toHaveLength(3);
    const asked = await graph.call('GET', `${eventPath(master.id)}?$select=cancelledOccurrences`, {
      headers: IMMUTABLE,
    });
    expect(asked.body['cancelledOccurrences']).toEqual([`OID.${master.id}.2026-12-17`]);
    const plain = await graph.call('GET', eventPath(master.id));
    expect(plain.body).not.toHaveProperty('cancelledOccurrences');
  });

  it.each([
    ['the day of the next one', '2026-12-17T18:00:00', '2026-12-17T19:00:00'],
    ['past the one before', '2026-12-02T10:00:00', '2026-12-02T11:00:00'],
    ['over the next one', '2026-12-10T10:00:00', '2026-12-17T10:30:00'],
  ])('may not be moved to %s', async (_where, start, end) => {
    const graph = await makeGraph();
    const master = await weekly(graph);
    const second = await occurrence(graph, master.id, 1);
    const refused = await change(graph, second.id, { start: at(start), end: at(end) });
    expect(refused.status).toBe(400);
    expect(errorOf(refused)['code']).toBe('ErrorOccurrenceCrossingBoundary');
    expect((await occurrence(graph, master.id, 1)).type).toBe('occurrence');
  });

  it('may be moved past a neighbour that is deleted', async () => {
    const graph = await makeGraph();
    const master = await weekly(graph);
    const [, second, third] = await instances(graph, master.id);
    await graph.call('DELETE', eventPath(String(third?.id)));
    const times = { start: at('2026-12-18T10:00:00'), end: at('2026-12-18T11:00:00') };
    expect((await change(graph, String(second?.id), times)).status).toBe(200);
  });

  it('is again as its series when the times or the rule of the series change', async () => {
    const graph = await makeGraph();
    const master = await weekly(graph);
    const [first, second] = await instances(graph, master.id);
    await change(graph, String(first?.id), { subject: 'Own' });
    await graph.call('DELETE', eventPath(String(second?.id)));
    await change(graph, master.id, {
      start: at('2026-12-03T11:00:00'),
      end: at('2026-12-03T12:00:00'),
    });
    const found = await instances(graph, master.id);
    expect(starts(found)).toEqual(['03', '10', '17', '24'].map((day) => `2026-12-${day}T11:00`));
    expect(found.map(({ type, subject }) => `${type} ${String(subject)}`)).toEqual(
      Array(4).fill('occurrence Meeting'),
    );
    expect(found[0]?.id).toBe(first?.id);
  });

  it('is changed for the room of a meeting too', async () => {
    const graph = await makeGraph();
    const attendees = [{ type: 'resource', emailAddress: { address: ROOM } }];
    const master = await weekly(graph, { attendees }, PERSON);
    const own = items(
      await graph.call(
        'GET',
        `/users/${PERSON}/events/${encodeURIComponent(master.id)}/instances?${WINDOW}`,
      ),
    );
    const path = (index: number): string =>
      `/users/${PERSON}/events/${encodeURIComponent(String(own[index]?.id))}`;
    await graph.call('PATCH', path(1), { body: { subject: 'Own' } });
    await graph.call('DELETE', path(2));
    const view = items(await graph.call('GET', `/users/${ROOM}/calendarView?${WINDOW}`));
    expect(view.map(({ subject, type }) => [subject, type])).toEqual([
      ['Meeting', 'occurrence'],
      ['Own', 'exception'],
      ['Meeting', 'occurrence'],
    ]);
  });
});
