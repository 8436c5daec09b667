import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { WINDOW } from '../../../support/bridge-contract.ts';
import { content, create, EVENTS, native, read, write } from './phrases.ts';
import { GROUP, PERSON, ROOM, world } from './support.ts';

describe('requests of the Outlook bridge', () => {
  it('are one a read where nothing changed, however many events there are', async () => {
    const place = world();
    await write(place, ...Array.from({ length: 30 }, (_, n) => create(n)));
    const { cursor } = await read(place);
    const before = place.outerRequests();
    const quiet = await read(place, cursor);
    expect(quiet).toMatchObject({ kind: 'changes', items: [], removed: [] });
    expect(place.outerRequests() - before).toBe(1);
  });

  it('are one for each twenty writes of any kind', async () => {
    const place = world();
    const outcomes = await write(place, ...Array.from({ length: 41 }, (_, n) => create(n)));
    expect(place.outerRequests()).toBe(3);
    const items = outcomes.flatMap((outcome) => ('item' in outcome ? [outcome.item] : []));
    const [first, second] = items;
    if (first === undefined || second === undefined) throw new Error('nothing was created');
    const { mappingId, stamp } = create(0);
    await write(
      place,
      { kind: 'cancel', mappingId, id: first.id },
      { kind: 'update', mappingId, stamp, id: second.id, fields: ['title'], content: content(3) },
      create(50),
    );
    expect(place.outerRequests()).toBe(4);
  });

  it('page through a long round, over empty pages and repeats, to its end', async () => {
    const place = world();
    for (let n = 0; n < 60; n += 1) await place.graph('POST', EVENTS, native(1 + (n % 28)));
    const small = world({
      ports: {
        fetch: (request) => {
          request.headers.set(
            'prefer',
            (request.headers.get('prefer') ?? '').replace('maxpagesize=200', 'maxpagesize=7'),
          );
          return place.simulator.fetch(request);
        },
      },
    });
    const snapshot = await small.bridge.readChanges(ROOM, undefined, WINDOW, UNBOUNDED);
    expect(snapshot.kind).toBe('complete');
    expect(new Set(snapshot.items.map(({ id }) => id)).size).toBe(60);
    expect(snapshot.items).toHaveLength(60);
    expect(place.simulator.log.since(0).requests.length - 60).toBeGreaterThan(9);
  });
});

describe('preferences of the Outlook bridge', () => {
  it('are for ids on every request, and for text and UTC where events are answered', async () => {
    const asked = new Map<string, string | null>();
    const place = world();
    const { bridge } = world({
      groupId: GROUP,
      ports: {
        fetch: async (request) => {
          asked.set(new URL(request.url).pathname, request.headers.get('prefer'));
          return await place.simulator.fetch(request);
        },
      },
    });
    await bridge.listResources();
    await bridge.readChanges(ROOM, undefined, WINDOW, UNBOUNDED);
    await bridge.write(ROOM, [create(1)], UNBOUNDED);
    const ids = 'IdType="ImmutableId"';
    const events = `${ids}, outlook.body-content-type="text", outlook.timezone="UTC"`;
    expect(Object.fromEntries(asked)).toEqual({
      '/v1.0/places/microsoft.graph.room': ids,
      [`/v1.0/groups/${GROUP}/members`]: ids,
      [`/v1.0/users/${encodeURIComponent(ROOM)}/calendarView/delta`]: `${events}, odata.maxpagesize=200`,
      '/v1.0/$batch': ids,
    });
  });
});

describe('writes of the Outlook bridge', () => {
  it('never name an attendee, so that nobody gets mail', async () => {
    const place = world();
    const participants = {
      1: { name: 'Kari Nordmann', email: PERSON, roles: { owner: true, attendee: true } },
    } as const;
    const write1 = { ...create(1), content: content(1, { participants }) };
    const [outcome] = await write(place, write1);
    expect(outcome?.kind).toBe('applied');
    const mails = await place.simulator.fetch(new Request('http://127.0.0.1/__sim/mails'));
    expect(await mails.json()).toEqual({ mails: [] });
  });

  it('let one batch run at a time for a mailbox', async () => {
    let running = 0;
    let most = 0;
    const place = world();
    const counting = world({
      ports: {
        fetch: async (request) => {
          running += 1;
          most = Math.max(most, running);
          try {
            return await place.simulator.fetch(request);
          } finally {
            running -= 1;
          }
        },
      },
    });
    await Promise.all([1, 2, 3].map((n) => write(counting, create(n))));
    expect(most).toBe(1);
    const all = await read(place);
    expect(all.items).toHaveLength(3);
  });
});
