import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventPath,
  items,
  makeGraph,
  PROPERTY,
  ROOM,
  type TestGraph,
} from './support.ts';

const EVENTS = `/users/${ROOM}/events`;
const LOWER_ID = PROPERTY.replace('66F5A359-4659-4830-9070-00040EC6AC6E', (guid) =>
  guid.toLowerCase(),
);

function encoded(text: string): string {
  return encodeURIComponent(text);
}

async function subjects(graph: TestGraph, query: string): Promise<unknown[]> {
  const answer = await graph.call('GET', `${EVENTS}?${query}`);
  expect(answer.status).toBe(200);
  return items(answer).map(({ subject }) => subject);
}

async function withThree(): Promise<TestGraph> {
  const graph = await makeGraph();
  for (const [subject, hour] of [
    ['b', '12'],
    ['a', '10'],
    ['c', '14'],
  ] as const)
    await graph.create({
      subject,
      start: at(`2026-12-03T${hour}:00:00`),
      end: at(`2026-12-03T${hour}:30:00`),
      singleValueExtendedProperties: [
        { id: PROPERTY, value: `Source ${subject}` },
        { id: PROPERTY.replace('BridgeSource', 'Other'), value: 'x' },
      ],
    });
  return graph;
}

describe('a list of events', () => {
  it('comes in pages of ten with links to the end', async () => {
    const graph = await makeGraph();
    for (let n = 0; n < 23; n += 1) await graph.create({ subject: String(n) });
    const sizes: number[] = [];
    const seen = new Set<string>();
    let link: unknown = EVENTS;
    while (typeof link === 'string') {
      const answer = await graph.call('GET', link);
      sizes.push(items(answer).length);
      for (const { id } of items(answer)) seen.add(id);
      link = answer.body['@odata.nextLink'];
    }
    expect(sizes).toEqual([10, 10, 3]);
    expect(seen.size).toBe(23);
  });

  it('takes its page size from $top or odata.maxpagesize, and keeps the query in the link', async () => {
    const graph = await withThree();
    const first = await graph.call('GET', `${EVENTS}?$top=2&$orderby=start/dateTime%20desc`);
    expect(items(first).map(({ subject }) => subject)).toEqual(['c', 'b']);
    const second = await graph.call('GET', String(first.body['@odata.nextLink']));
    expect(items(second).map(({ subject }) => subject)).toEqual(['a']);
    expect(second.body).not.toHaveProperty(['@odata.nextLink']);
    const prefer = 'odata.maxpagesize=1';
    expect(items(await graph.call('GET', EVENTS, { headers: { prefer } }))).toHaveLength(1);
  });

  it('filters by time, by iCalUId and by extended property', async () => {
    const graph = await withThree();
    const filter = (text: string) => `$filter=${encoded(text)}`;
    const iCalUId = items(await graph.call('GET', EVENTS))[0]?.['iCalUId'];
    const found = async (text: string) => await subjects(graph, filter(text));
    expect(await found(`start/dateTime ge '2026-12-03T12:00:00Z'`)).toEqual(['b', 'c']);
    expect(
      await found(
        `start/dateTime gt '2026-12-03T10:00:00' and end/dateTime lt '2026-12-03T14:30:00'`,
      ),
    ).toEqual(['b']);
    expect(await found(`iCalUId eq '${String(iCalUId)}'`)).toEqual(['b']);
    const any = (condition: string) =>
      `singleValueExtendedProperties/Any(ep: ep/id eq '${LOWER_ID}' and ${condition})`;
    expect(await found(any(`ep/value eq 'SOURCE a'`))).toEqual(['a']);
    expect(await found(any(`ep/value ne 'Source a'`))).toEqual(['b', 'c']);
    expect(await found(any(`startswith(ep/value, 'Source')`))).toEqual(['b', 'a', 'c']);
    expect(await found(any(`contains(ep/value,'e c')`))).toEqual(['c']);
    const otherName = any(`ep/value eq 'Source a'`).replace('BridgeSource', 'bridgesource');
    expect(await found(otherName)).toEqual([]);
    expect(
      await found(`${any(`ep/value ne 'x'`)} and start/dateTime lt '2026-12-03T11:00:00Z'`),
    ).toEqual(['a']);
  });

  it('shows selected members, and extended properties only where they are expanded', async () => {
    const graph = await withThree();
    const [plain] = items(await graph.call('GET', EVENTS));
    expect(plain).not.toHaveProperty('singleValueExtendedProperties');
    const one = `id eq '${PROPERTY}'`;
    const expand = (text: string) =>
      `$expand=${encoded(`singleValueExtendedProperties($filter=${text})`)}`;
    const [narrow] = items(
      await graph.call('GET', `${EVENTS}?$select=subject,start&${expand(one)}`),
    );
    expect(Object.keys(narrow ?? {}).toSorted()).toEqual(
      ['@odata.etag', 'id', 'singleValueExtendedProperties', 'start', 'subject'].toSorted(),
    );
    expect(narrow?.['singleValueExtendedProperties']).toEqual([
      { id: LOWER_ID, value: 'Source b' },
    ]);
    const both = `${one} or id eq '${PROPERTY.replace('BridgeSource', 'Other')}'`;
    const read = await graph.call('GET', `${eventPath(String(plain?.id))}?${expand(both)}`);
    expect(read.body['singleValueExtendedProperties']).toHaveLength(2);
    const none = `id eq '${PROPERTY.replace('BridgeSource', 'Missing')}'`;
    const without = await graph.call('GET', `${eventPath(String(plain?.id))}?${expand(none)}`);
    expect(without.body).not.toHaveProperty('singleValueExtendedProperties');
  });

  it.each([
    '$search=x',
    '$format=xml',
    '$top=0',
    '$top=many',
    '$skip=-1',
    '$select=title',
    '$orderby=location',
    `$filter=${encoded("contains(subject,'x')")}`,
    `$filter=${encoded("subject eq 'x' or subject eq 'y'")}`,
    '$expand=attachments',
    "$filter=start/dateTime+ge+'2026-12-03T10:00:00Z'",
  ])('refuses what it does not hold: %s', async (query) => {
    const graph = await makeGraph();
    const answer = await graph.call('GET', `${EVENTS}?${query}`);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)['message']).toEqual(expect.any(String));
  });
});

describe('extended properties', () => {
  it('are set by POST and PATCH, replaced by id and never echoed', async () => {
    const graph = await makeGraph();
    const other = PROPERTY.replace('BridgeSource', 'Other');
    const created = await graph.create({
      singleValueExtendedProperties: [{ id: PROPERTY, value: '1' }],
    });
    const patched = await graph.call('PATCH', eventPath(created.id), {
      body: {
        singleValueExtendedProperties: [
          { id: LOWER_ID, value: '2' },
          { id: other, value: '3' },
        ],
      },
    });
    expect(patched.status).toBe(200);
    for (const body of [created, patched.body])
      expect(body).not.toHaveProperty('singleValueExtendedProperties');
    const filter = `singleValueExtendedProperties($filter=id eq '${PROPERTY}' or id eq '${other}')`;
    const read = await graph.call('GET', `${eventPath(created.id)}?$expand=${encoded(filter)}`);
    expect(read.body['singleValueExtendedProperties']).toEqual([
      { id: LOWER_ID, value: '2' },
      { id: LOWER_ID.replace('BridgeSource', 'Other'), value: '3' },
    ]);
  });
});

describe('calendarView', () => {
  const VIEW = `/users/${ROOM}/calendarView`;

  it('lists what touches the half-open window, whatever offset its ends carry', async () => {
    const graph = await withThree();
    const window = 'startDateTime=2026-12-03T11:30:00%2B01:00&endDateTime=2026-12-03T14:00:00Z';
    const answer = await graph.call('GET', `${VIEW}?${window}&$orderby=start/dateTime`);
    // 11:30+01:00 is 10:30Z, where the meeting at 10 ends; at 14:00 the last begins.
    expect(items(answer).map(({ subject }) => subject)).toEqual(['b']);
    const cased = await graph.call('GET', `${VIEW}?${window.replaceAll('DateTime', 'datetime')}`);
    expect(items(cased)).toHaveLength(1);
  });

  it('lists a series as occurrences that keep their wall time over a clock change', async () => {
    const graph = await makeGraph();
    const master = await graph.create({
      start: at('2026-10-19T09:00:00', 'W. Europe Standard Time'),
      end: at('2026-10-19T10:00:00', 'W. Europe Standard Time'),
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['Monday', 'Wednesday'] },
        range: { type: 'endDate', startDate: '2026-10-19', endDate: '2026-10-28' },
      },
    });
    expect(master).toMatchObject({ type: 'seriesMaster' });
    const window = 'startDateTime=2026-10-01T00:00:00Z&endDateTime=2026-12-01T00:00:00Z';
    const view = items(await graph.call('GET', `${VIEW}?${window}`));
    const starts = view.map(({ start }) => (start as { dateTime: string }).dateTime.slice(0, 16));
    expect(starts).toEqual([
      '2026-10-19T07:00',
      '2026-10-21T07:00',
      '2026-10-26T08:00',
      '2026-10-28T08:00',
    ]);
    expect(new Set(view.map(({ iCalUId }) => iCalUId)).size).toBe(4);
    const [first] = view;
    expect(first).toMatchObject({
      type: 'occurrence',
      seriesMasterId: master.id,
      subject: 'Meeting',
    });
    const { body } = await graph.call('GET', eventPath(String(first?.id)));
    expect(body).toMatchObject({ type: 'occurrence', start: first?.['start'] });
    const listed = items(await graph.call('GET', `${eventPath(master.id)}/instances?${window}`));
    expect(listed.map(({ id }) => id)).toEqual(view.map(({ id }) => id));
    expect(items(await graph.call('GET', EVENTS)).map(({ id }) => id)).toEqual([master.id]);
  });

  it('counts the weeks of a fortnightly series from its first day of the week', async () => {
    const graph = await makeGraph();
    const dates = async (firstDayOfWeek: string) => {
      const { id } = await graph.create({
        start: at('2026-12-01T10:00:00'),
        end: at('2026-12-01T11:00:00'),
        recurrence: {
          pattern: {
            type: 'weekly',
            interval: 2,
            daysOfWeek: ['tuesday', 'sunday'],
            firstDayOfWeek,
          },
          range: { type: 'numbered', startDate: '2026-12-01', numberOfOccurrences: 4 },
        },
      });
      const window = 'startDateTime=2026-12-01&endDateTime=2027-01-31';
      const found = items(await graph.call('GET', `${eventPath(id)}/instances?${window}`));
      return found.map(({ start }) => (start as { dateTime: string }).dateTime.slice(5, 10));
    };
    expect(await dates('monday')).toEqual(['12-01', '12-06', '12-15', '12-20']);
    expect(await dates('sunday')).toEqual(['12-01', '12-13', '12-15', '12-27']);
  });
});
