import { describe, expect, it } from 'vitest';
import { DroppedConnection } from '../../../local/simulator-kit/faults.ts';
import {
  errorOf,
  eventInput,
  eventPath,
  items,
  makeGraph,
  PERSON,
  ROOM,
  SMALL_ROOM,
  type Answer,
  type TestGraph,
} from './support.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };

interface Inner {
  id: string;
  status: number;
  headers: Record<string, string>;
  body?: Record<string, unknown>;
}

async function batch(graph: TestGraph, requests: unknown[]): Promise<Answer> {
  return await graph.call('POST', '/$batch', { body: { requests } });
}

function inner(answer: Answer): Inner[] {
  return answer.body['responses'] as Inner[];
}

function byId(answer: Answer): Map<string, Inner> {
  return new Map(inner(answer).map((response) => [response.id, response]));
}

function statusesOf(answer: Answer): Record<string, number> {
  return Object.fromEntries(inner(answer).map(({ id, status }) => [id, status]));
}

function create(id: string, mailbox: string = ROOM, headers: Record<string, string> = {}) {
  return {
    id,
    method: 'POST',
    url: `/users/${mailbox}/events`,
    headers: { ...JSON_TYPE, ...headers },
    body: eventInput({ subject: `Meeting ${id}` }),
  };
}

describe('$batch', () => {
  it('answers each request by its id, in an order of its own', async () => {
    const graph = await makeGraph();
    const ids = Array.from({ length: 20 }, (_, n) => String(n));
    const answer = await batch(
      graph,
      ids.map((id) => create(id)),
    );
    expect(answer.status).toBe(200);
    const answered = inner(answer);
    expect(answered.map(({ id }) => id)).not.toEqual(ids);
    for (const { id, status, headers, body } of answered) {
      expect(status).toBe(201);
      expect(body).toMatchObject({ subject: `Meeting ${id}` });
      expect(headers['Content-Type']).toContain('application/json');
    }
    expect(answered).toHaveLength(20);
  });

  it('carries reads, changes, deletions and errors, each with its own status', async () => {
    const graph = await makeGraph();
    const [changed, deleted] = [await graph.create(), await graph.create()];
    const answer = await batch(graph, [
      { id: 'read', method: 'GET', url: eventPath(changed.id).slice(1) },
      {
        id: 'change',
        method: 'PATCH',
        url: eventPath(changed.id),
        headers: JSON_TYPE,
        body: { subject: 'New' },
      },
      { id: 'delete', method: 'DELETE', url: eventPath(deleted.id) },
      { id: 'missing', method: 'GET', url: eventPath('none') },
      {
        id: 'stale',
        method: 'DELETE',
        url: eventPath(changed.id),
        headers: { 'If-Match': 'W/"none"' },
      },
    ]);
    const answers = byId(answer);
    expect(statusesOf(answer)).toEqual({
      read: 200,
      change: 200,
      delete: 204,
      missing: 404,
      stale: 412,
    });
    expect(answers.get('delete')).not.toHaveProperty('body');
    expect(answers.get('missing')?.body).toMatchObject({ error: { code: 'ErrorItemNotFound' } });
  });

  it('does not hand its own headers to the requests inside', async () => {
    const graph = await makeGraph();
    const immutable = { Prefer: 'IdType="ImmutableId"' };
    const answer = await graph.call('POST', '/$batch', {
      body: { requests: [create('outer'), create('inner', ROOM, immutable)] },
      headers: { prefer: immutable.Prefer },
    });
    const answers = byId(answer);
    expect(answers.get('inner')?.headers).toMatchObject({
      'Preference-Applied': immutable.Prefer,
    });
    expect(answers.get('outer')?.headers).not.toHaveProperty('Preference-Applied');
    expect(String(answers.get('inner')?.body?.['id']).slice(0, 6)).not.toBe(
      String(answers.get('outer')?.body?.['id']).slice(0, 6),
    );
  });

  it('is posted, and nothing else', async () => {
    const graph = await makeGraph();
    const answer = await graph.call('GET', '/$batch');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('runs a chain in order and answers 424 behind what failed', async () => {
    const graph = await makeGraph();
    const answer = await batch(graph, [
      { ...create('third'), dependsOn: ['second'] },
      { id: 'second', method: 'GET', url: eventPath('none'), dependsOn: ['first'] },
      create('first'),
    ]);
    expect(statusesOf(answer)).toEqual({ first: 201, second: 404, third: 424 });
    const headers = byId(answer);
    expect(headers.get('first')?.headers).toMatchObject({ 'OData-Version': '4.0' });
    for (const id of ['first', 'second', 'third'])
      expect(headers.get(id)?.headers).toMatchObject({ 'Cache-Control': 'no-cache' });
    expect(items(await graph.call('GET', `/users/${ROOM}/events`))).toHaveLength(1);
  });

  const refusals: [string, unknown[]][] = [
    ['more than 20 requests', Array.from({ length: 21 }, (_, n) => create(String(n)))],
    ['no request', []],
    ['ids that differ in case only', [create('a'), create('A')]],
    [
      'an absolute url',
      [{ id: '1', method: 'GET', url: 'https://graph.microsoft.com/v1.0/users' }],
    ],
    ['a batch inside', [{ id: '1', method: 'POST', url: '/$batch', headers: JSON_TYPE, body: {} }]],
    ['a body without Content-Type', [{ ...create('1'), headers: {} }]],
    [
      'some that depend and some that do not',
      [create('1'), { ...create('2'), dependsOn: ['1'] }, create('3')],
    ],
    ['a dependency on nothing', [create('1'), { ...create('2'), dependsOn: ['x'] }]],
    ['a request without id', [{ method: 'GET', url: '/users' }]],
  ];
  it.each(refusals)('is refused as a whole with 400: %s', async (_name, requests) => {
    const graph = await makeGraph();
    const answer = await batch(graph, requests);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)['code']).toBe('BadRequest');
    expect(items(await graph.call('GET', `/users/${ROOM}/events`))).toEqual([]);
  });

  it('is refused with 400 where it is no JSON', async () => {
    const graph = await makeGraph();
    expect((await graph.call('POST', '/$batch', { body: '{' })).status).toBe(400);
  });

  it('logs itself and each request inside, under one batch id', async () => {
    const graph = await makeGraph();
    await batch(graph, [create('1'), create('2', SMALL_ROOM)]);
    const { requests, counts } = graph.simulator.log.since(0);
    const [first] = requests;
    const told = requests.map(({ method, path, mailbox, status }) => [
      method,
      path,
      mailbox,
      status,
    ]);
    // The requests inside run side by side, so either may end first; the batch ends last.
    expect(new Set(told.slice(0, 2))).toEqual(
      new Set([
        ['POST', `/v1.0/users/${ROOM}/events`, ROOM, 201],
        ['POST', `/v1.0/users/${SMALL_ROOM}/events`, SMALL_ROOM, 201],
      ]),
    );
    expect(told.slice(2)).toEqual([['POST', '/v1.0/$batch', undefined, 200]]);
    expect(first?.batch).toEqual(expect.any(String));
    expect(new Set(requests.map((request) => request.batch)).size).toBe(1);
    expect(counts).toEqual({ total: 3, POST: 3 });
  });

  it('fits four at a time into the limit of one mailbox, and two batches at once do not', async () => {
    const graph = await makeGraph({ latencyMs: 1 });
    const requests = Array.from({ length: 20 }, (_, n) => create(String(n)));
    expect(inner(await batch(graph, requests)).every(({ status }) => status === 201)).toBe(true);
    const both = await Promise.all([batch(graph, requests), batch(graph, requests)]);
    const throttled = both.flatMap(inner).filter(({ status }) => status === 429);
    expect(throttled.length).toBeGreaterThan(0);
    expect(throttled[0]?.headers['Retry-After']).toBe('1');
  });

  it('lets a fault strike one request inside and spares the others', async () => {
    const graph = await makeGraph();
    graph.simulator.faults.add({
      match: { mailbox: PERSON },
      times: 1,
      status: 503,
      headers: { 'retry-after': '7' },
      body: '<html>busy</html>',
    });
    const answers = byId(await batch(graph, [create('room'), create('person', PERSON)]));
    expect(answers.get('room')?.status).toBe(201);
    expect(answers.get('person')).toMatchObject({ status: 503, headers: { 'Retry-After': '7' } });
    expect(answers.get('person')?.body).toBe(Buffer.from('<html>busy</html>').toString('base64'));
  });

  it('loses its whole answer where a request inside is dropped, after doing all', async () => {
    const graph = await makeGraph();
    graph.simulator.faults.add({ match: { mailbox: PERSON }, times: 1, drop: 'after' });
    await expect(batch(graph, [create('room'), create('person', PERSON)])).rejects.toThrow(
      DroppedConnection,
    );
    for (const mailbox of [ROOM, PERSON])
      expect(items(await graph.call('GET', `/users/${mailbox}/events`))).toHaveLength(1);
  });
});
