import { describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
  eventPath,
  IMMUTABLE,
  items,
  makeGraph,
  PERSON,
  PROPERTY,
  ROOM,
  SMALL_ROOM,
  type Item,
  type TestGraph,
} from './support.ts';

const room = (address: string = ROOM) => ({ type: 'resource', emailAddress: { address } });
const EXPAND = `?$expand=${encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${PROPERTY}')`)}`;

async function inRoom(graph: TestGraph, mailbox: string = ROOM): Promise<Item[]> {
  return items(await graph.call('GET', `/users/${mailbox}/events${EXPAND}`));
}

async function mails(graph: TestGraph): Promise<Record<string, unknown>[]> {
  const { body } = await graph.control('GET', '/mails');
  return body['mails'] as Record<string, unknown>[];
}

async function kinds(graph: TestGraph): Promise<string[]> {
  return (await mails(graph)).map(
    ({ kind, from, to }) => `${String(kind)} ${String(from)}>${String(to)}`,
  );
}

async function meeting(graph: TestGraph, input: Record<string, unknown> = {}): Promise<Item> {
  return await graph.create({ attendees: [room()], ...input }, PERSON, IMMUTABLE);
}

describe("a person's meeting in a room", () => {
  it('stands in the room as a copy of its own that is accepted', async () => {
    const graph = await makeGraph();
    const own = await meeting(graph, {
      transactionId: 'T',
      categories: ['Mine'],
      singleValueExtendedProperties: [{ id: PROPERTY, value: 'x' }],
    });
    const [copy, ...others] = await inRoom(graph);
    expect(others).toEqual([]);
    expect(copy).toMatchObject({
      subject: 'Meeting',
      start: own['start'],
      iCalUId: own['iCalUId'],
      isOrganizer: false,
      organizer: { emailAddress: { address: PERSON, name: 'Kari Nordmann' } },
      responseStatus: { response: 'accepted' },
      categories: [],
    });
    expect(copy?.id).not.toBe(own.id);
    for (const member of ['singleValueExtendedProperties', 'transactionId'])
      expect(copy).not.toHaveProperty(member);
    const { body } = await graph.call('GET', eventPath(own.id, PERSON));
    expect(body['attendees']).toMatchObject([{ status: { response: 'accepted' } }]);
    expect(body['@odata.etag']).toBe(own['@odata.etag']);
  });

  it('follows the changes of its organizer, and keeps what is its own', async () => {
    const graph = await makeGraph();
    const own = await meeting(graph);
    const [before] = await inRoom(graph);
    await graph.call('PATCH', eventPath(String(before?.id)), {
      body: { singleValueExtendedProperties: [{ id: PROPERTY, value: 'room' }] },
    });
    await graph.call('PATCH', eventPath(own.id, PERSON), {
      body: { start: at('2026-12-04T08:00:00'), end: at('2026-12-04T09:00:00') },
    });
    const [after] = await inRoom(graph);
    expect(after).toMatchObject({
      id: before?.id,
      start: { dateTime: '2026-12-04T08:00:00.0000000' },
      singleValueExtendedProperties: [{ value: 'room' }],
    });
    expect(after?.['@odata.etag']).not.toBe(before?.['@odata.etag']);
  });

  it('moves from room to room with its attendees', async () => {
    const graph = await makeGraph();
    const own = await meeting(graph);
    await graph.call('PATCH', eventPath(own.id, PERSON), {
      body: { attendees: [room(SMALL_ROOM)] },
    });
    expect(await inRoom(graph)).toEqual([]);
    expect(await inRoom(graph, SMALL_ROOM)).toMatchObject([{ subject: 'Meeting' }]);
    expect(await kinds(graph)).toEqual([
      `invitation ${PERSON}>${ROOM}`,
      `cancellation ${PERSON}>${ROOM}`,
      `invitation ${PERSON}>${SMALL_ROOM}`,
    ]);
  });

  it.each(['DELETE', 'cancel'])('leaves the room when its organizer uses %s', async (how) => {
    const graph = await makeGraph();
    const own = await meeting(graph);
    const path = eventPath(own.id, PERSON);
    const answer =
      how === 'DELETE'
        ? await graph.call('DELETE', path)
        : await graph.call('POST', `${path}/cancel`, { body: { Comment: 'Sorry' } });
    expect(answer.status).toBe(how === 'DELETE' ? 204 : 202);
    expect(await inRoom(graph)).toEqual([]);
    expect((await graph.call('GET', path)).status).toBe(404);
    expect(await kinds(graph)).toEqual([
      `invitation ${PERSON}>${ROOM}`,
      `cancellation ${PERSON}>${ROOM}`,
    ]);
  });

  it('stays marked as cancelled, under the name of its organizer, where the room is set up so', async () => {
    const graph = await makeGraph();
    const strict = 'strict@a.example';
    const body = { contentType: 'text', content: 'Secret agenda' };
    const own = await meeting(graph, { attendees: [room(strict)], sensitivity: 'private', body });
    expect(await inRoom(graph, strict)).toMatchObject([
      { subject: 'Kari Nordmann', bodyPreview: '', sensitivity: 'normal' },
    ]);
    await graph.call('DELETE', eventPath(own.id, PERSON));
    expect(await inRoom(graph, strict)).toMatchObject([
      { subject: 'Canceled: Kari Nordmann', isCancelled: true, showAs: 'free' },
    ]);
  });

  it('goes on at its organizer when it is deleted from the room', async () => {
    const graph = await makeGraph();
    const own = await meeting(graph);
    const [copy] = await inRoom(graph);
    expect((await graph.call('DELETE', eventPath(String(copy?.id)))).status).toBe(204);
    const { body } = await graph.call('GET', eventPath(own.id, PERSON));
    expect(body['@odata.etag']).toBe(own['@odata.etag']);
    expect(await kinds(graph)).toEqual([`invitation ${PERSON}>${ROOM}`]);
  });

  it('can be declined by the room, with or without telling the organizer', async () => {
    for (const sendResponse of [true, false]) {
      const graph = await makeGraph();
      const own = await meeting(graph);
      const [copy] = await inRoom(graph);
      const path = `${eventPath(String(copy?.id))}/decline`;
      const answer = await graph.call('POST', path, { body: { sendResponse } });
      expect(answer.status).toBe(202);
      expect(await inRoom(graph)).toEqual([]);
      const { body } = await graph.call('GET', eventPath(own.id, PERSON));
      expect(body['attendees']).toMatchObject([
        { status: { response: sendResponse ? 'declined' : 'accepted' } },
      ]);
      expect((await kinds(graph)).includes(`response ${ROOM}>${PERSON}`)).toBe(sendResponse);
    }
  });

  it('is answered by attendees and cancelled by the organizer only', async () => {
    const graph = await makeGraph();
    const own = await meeting(graph);
    const [copy] = await inRoom(graph);
    const wrongAnswer = await graph.call('POST', `${eventPath(own.id, PERSON)}/accept`, {
      body: {},
    });
    const wrongCancel = await graph.call('POST', `${eventPath(String(copy?.id))}/cancel`, {
      body: {},
    });
    expect([wrongAnswer.status, wrongCancel.status]).toEqual([400, 400]);
    expect(errorOf(wrongCancel)['message']).toContain('organizer');
    const tentativelyAccept = `${eventPath(String(copy?.id))}/tentativelyAccept`;
    const bare = await graph.call('POST', tentativelyAccept);
    expect([bare.status, errorOf(bare)['code']]).toEqual([400, 'BadRequest']);
    const tentative = await graph.call('POST', tentativelyAccept, { body: {} });
    expect(tentative.status).toBe(202);
    expect(await inRoom(graph)).toMatchObject([
      { responseStatus: { response: 'tentativelyAccepted' }, showAs: 'tentative' },
    ]);
  });
});

describe('mails', () => {
  it('go to nobody where an event has no attendees', async () => {
    const graph = await makeGraph();
    const { id } = await graph.create();
    await graph.call('PATCH', eventPath(id), { body: { subject: 'x' } });
    await graph.call('DELETE', eventPath(id));
    expect(await mails(graph)).toEqual([]);
  });

  it('go to the attendees that an app writes into the event of a room', async () => {
    const graph = await makeGraph();
    const guest = { type: 'required', emailAddress: { address: 'guest@else.example' } };
    const { id } = await graph.create({ attendees: [guest] });
    await graph.call('PATCH', eventPath(id), { body: { subject: 'x' } });
    await graph.call('PATCH', eventPath(id), { body: { categories: ['own'] } });
    await graph.call('DELETE', eventPath(id));
    expect(await kinds(graph)).toEqual([
      `invitation ${ROOM}>guest@else.example`,
      `update ${ROOM}>guest@else.example`,
      `cancellation ${ROOM}>guest@else.example`,
    ]);
  });

  it('go to nobody for what the room changes in its copy', async () => {
    const graph = await makeGraph();
    await meeting(graph);
    const [copy] = await inRoom(graph);
    await graph.call('PATCH', eventPath(String(copy?.id)), { body: { subject: 'x' } });
    expect(await mails(graph)).toHaveLength(1);
    expect(items(await graph.call('GET', `/users/${PERSON}/events`))).toMatchObject([
      { subject: 'Meeting' },
    ]);
  });
});
