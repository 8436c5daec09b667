import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { WINDOW } from '../../../support/bridge-contract.ts';
import { read } from './phrases.ts';
import { ORIGIN, ROOM, world, type World } from './support.ts';

/** A bridge before a Graph that answers with these, one after the other, and then the last again. */
function scripted(...answers: readonly (Response | (() => Response))[]): World {
  let next = 0;
  return world({
    ports: {
      fetch: () => {
        const answer = answers[Math.min(next, answers.length - 1)];
        next += 1;
        if (answer === undefined) throw new Error('no answer is left');
        return Promise.resolve(typeof answer === 'function' ? answer() : answer);
      },
    },
  });
}

function page(value: readonly unknown[], link: Record<string, string>): () => Response {
  return () => Response.json({ value, ...link });
}

function event(id: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    '@odata.etag': `W/"${id}"`,
    id,
    subject: id,
    body: { contentType: 'text', content: '' },
    start: { dateTime: '2026-10-02T08:00:00.0000000', timeZone: 'UTC' },
    end: { dateTime: '2026-10-02T09:00:00.0000000', timeZone: 'UTC' },
    isAllDay: false,
    isOrganizer: true,
    sensitivity: 'normal',
    showAs: 'busy',
    type: 'singleInstance',
    ...members,
  };
}

const DELTA = `${ORIGIN}/v1.0/users/${encodeURIComponent(ROOM)}/calendarView/delta`;
const END = { '@odata.deltaLink': `${DELTA}?$deltatoken=end%2B1` };
const next = (token: string) => ({ '@odata.nextLink': `${DELTA}?$skiptoken=${token}` });

describe('a round of changes', () => {
  it('takes what was told last of each id, over pages that may be empty', async () => {
    const { bridge } = scripted(
      page([event('a'), event('b'), event('c')], next('1')),
      page([], next('2')),
      page([{ id: 'a', '@removed': { reason: 'deleted' } }, event('b', { subject: 'B' })], END),
    );
    const { items } = await bridge.readChanges(ROOM, undefined, WINDOW, UNBOUNDED);
    expect(items.map(({ event: { title } }) => title)).toEqual(['c', 'B']);
  });

  it('goes on from the link it was given, with its escapes as they were', async () => {
    const asked: string[] = [];
    const place = world({
      ports: {
        fetch: (request) => {
          asked.push(request.url);
          return Promise.resolve(page([], END)());
        },
      },
    });
    const { cursor } = await read(place);
    expect((await read(place, cursor)).kind).toBe('changes');
    expect(asked[1]).toBe(`${DELTA}?$deltatoken=end%2B1`);
  });

  it('follows no link to another host, where our token would go along', async () => {
    for (const link of ['http://graph.example/v1.0/users/x', `${ORIGIN}/beta/users`, 'no link']) {
      const reading = read(scripted(page([], { '@odata.nextLink': link })));
      await expect(reading).rejects.toMatchObject({ kind: 'invalid-response' });
    }
  });

  it('forgets a cursor that leads to another host', async () => {
    const elsewhere = {
      '@odata.deltaLink': 'https://graph.example/v1.0/users/x/delta?$deltatoken=1',
    };
    const cursor = JSON.stringify({ window: 1, link: elsewhere['@odata.deltaLink'] });
    const reading = read(scripted(page([], END)), cursor);
    await expect(reading).rejects.toMatchObject({ kind: 'cursor-expired' });
  });

  it('is no answer where it does not end, or breaks off', async () => {
    const circle = read(scripted(page([], next('1')), page([], next('2')), page([], next('1'))));
    await expect(circle).rejects.toMatchObject({ kind: 'invalid-response' });
    let token = 0;
    const endless = scripted(() => {
      token += 1;
      return page([], next(String(token)))();
    });
    await expect(read(endless)).rejects.toMatchObject({ kind: 'invalid-response' });
    expect(token).toBeLessThan(1000);
    await expect(read(scripted(page([], {})))).rejects.toMatchObject({ kind: 'invalid-response' });
  });

  it('names the member that is of another type, and nothing of the content', async () => {
    const bad = event('a', { start: { dateTime: 20261002, timeZone: 'Hemmelig' } });
    const reading = read(scripted(page([event('b'), bad], END)));
    const error = await reading.catch((error: unknown) => error);
    expect(error).toMatchObject({
      kind: 'invalid-response',
      message: expect.stringMatching(/item 1.*start\.dateTime/) as unknown,
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('Hemmelig');
  });

  it.each([
    ['410', 410, {}],
    ['an old state', 400, { error: { code: 'SyncStateNotFound' } }],
    ['a nested code', 404, { error: { code: 'x', innerError: { code: 'RESYNCREQUIRED' } } }],
    ['a detail', 400, { error: { details: [{ code: 'syncStateInvalid' }] } }],
  ])('is over where the cursor is too old: %s', async (_, status, body) => {
    const reading = read(scripted(Response.json(body, { status })));
    await expect(reading).rejects.toMatchObject({ kind: 'cursor-expired' });
  });
});

describe('a refusal of Graph', () => {
  it.each([
    [400, 'rejected'],
    [403, 'auth-rejected'],
    [404, 'not-found'],
    [409, 'conflict'],
    [429, 'throttled'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [302, 'invalid-response'],
  ])('of status %i is %s, also with a web page as body', async (status, kind) => {
    const headers = { 'content-type': 'text/html' };
    const answer = () => new Response('<html>Bad</html>', { status, headers });
    await expect(read(scripted(answer))).rejects.toMatchObject({ kind, status });
  });

  it('says how long to wait, in seconds or as a date', async () => {
    const busy = (retryAfter: string) => () =>
      new Response('', { status: 503, headers: { 'retry-after': retryAfter } });
    const inSeconds = read(scripted(busy('90')));
    await expect(inSeconds).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 90_000 });
    const asDate = read(scripted(busy('Tue, 15 Sep 2026 08:00:30 GMT')));
    await expect(asDate).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 30_000 });
    const ofOld = read(scripted(busy('Tue, 15 Sep 2026 07:00:00 GMT')));
    await expect(ofOld).rejects.toMatchObject({ retryAfterMs: 0 });
    const nonsense = read(scripted(busy('soon')));
    await expect(nonsense).rejects.toMatchObject({ kind: 'unavailable', retryAfterMs: undefined });
  });

  it('that never comes is unavailable, and keeps its cause', async () => {
    const cause = new TypeError('fetch failed');
    const place = world({ ports: { fetch: () => Promise.reject(cause) } });
    await expect(read(place)).rejects.toMatchObject({ kind: 'unavailable', cause });
  });

  it('is an invalid response where a batch leaves requests out or answers with nonsense', async () => {
    const ids = ['x', 'y'] as never;
    const left = {
      responses: [{ id: '1', status: 404, body: { error: { code: 'ErrorItemNotFound' } } }],
    };
    const some = await scripted(Response.json(left)).bridge.readItems(ROOM, ids, UNBOUNDED);
    expect(some.map(({ kind }) => kind)).toEqual(['unknown', 'gone']);
    const wrong = scripted(Response.json({ responses: 'none' }));
    const reading = wrong.bridge.readItems(ROOM, ids, UNBOUNDED);
    await expect(reading).rejects.toMatchObject({ kind: 'invalid-response' });
  });
});
