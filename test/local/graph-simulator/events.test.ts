import { describe, expect, it } from 'vitest';
import {
  errorOf,
  eventInput,
  eventPath,
  IMMUTABLE,
  items,
  makeGraph,
  PERSON,
  ROOM,
} from './support.ts';

describe('an event', () => {
  it('is answered whole on creation and can be read back under its id', async () => {
    const graph = await makeGraph();
    const created = await graph.call('POST', `/users/${ROOM}/events`, { body: eventInput() });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      subject: 'Meeting',
      start: { dateTime: '2026-12-03T10:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-12-03T11:00:00.0000000', timeZone: 'UTC' },
      isAllDay: false,
      isOrganizer: true,
      isCancelled: false,
      type: 'singleInstance',
      showAs: 'busy',
      attendees: [],
      organizer: { emailAddress: { name: 'Council chamber', address: ROOM } },
      originalStartTimeZone: 'UTC',
      recurrence: null,
      createdDateTime: '2026-12-01T08:00:00.0000000Z',
    });
    expect(created.body['@odata.etag']).toBe(`W/"${String(created.body['changeKey'])}"`);
    const read = await graph.call('GET', eventPath(String(created.body['id'])));
    expect(read.status).toBe(200);
    expect(read.body).toEqual(created.body);
  });

  it('has ids with the characters of base64 that differ from its neighbour in one case only', async () => {
    const graph = await makeGraph();
    const ids = [];
    for (let n = 0; n < 4; n += 1) ids.push((await graph.create({}, ROOM, IMMUTABLE)).id);
    for (const id of ids) expect(id).toMatch(/^[^/+=]+.*\/.*\+.*=$/);
    expect(new Set(ids).size).toBe(4);
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBeLessThan(4);
  });

  it('has another id without the preference for immutable ones, and both find it', async () => {
    const graph = await makeGraph();
    const immutable = await graph.create({}, ROOM, IMMUTABLE);
    const plain = items(await graph.call('GET', `/users/${ROOM}/events`))[0];
    expect(plain?.id).not.toBe(immutable.id);
    for (const id of [immutable.id, plain?.id ?? ''])
      expect((await graph.call('GET', eventPath(id))).status).toBe(200);
  });

  it('changes only what a PATCH sends and moves etag, changeKey and lastModified', async () => {
    const graph = await makeGraph();
    const created = await graph.create({ location: { displayName: 'Left wing' } });
    graph.clock.advance(5000);
    const patched = await graph.call('PATCH', eventPath(created.id), { body: { subject: 'New' } });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({
      subject: 'New',
      start: created['start'],
      location: { displayName: 'Left wing' },
      createdDateTime: created['createdDateTime'],
      lastModifiedDateTime: '2026-12-01T08:00:05.0000000Z',
    });
    expect(patched.body['@odata.etag']).not.toBe(created['@odata.etag']);
    expect(patched.body['changeKey']).not.toBe(created['changeKey']);
  });

  it('is a new version also after a PATCH that changes nothing', async () => {
    const graph = await makeGraph();
    const created = await graph.create();
    graph.clock.advance(1000);
    const patched = await graph.call('PATCH', eventPath(created.id), {
      body: { subject: 'Meeting' },
    });
    expect(patched.body['@odata.etag']).not.toBe(created['@odata.etag']);
    expect(patched.body['lastModifiedDateTime']).not.toBe(created['lastModifiedDateTime']);
  });

  it('is written only under its own etag where If-Match is sent', async () => {
    const graph = await makeGraph();
    const { id, '@odata.etag': etag } = await graph.create();
    const path = eventPath(id);
    const first = await graph.call('PATCH', path, {
      body: { subject: 'one' },
      headers: { 'if-match': etag },
    });
    expect(first.status).toBe(200);
    for (const method of ['PATCH', 'DELETE']) {
      const stale = await graph.call(method, path, {
        ...(method === 'PATCH' && { body: { subject: 'two' } }),
        headers: { 'if-match': etag },
      });
      expect(stale.status).toBe(412);
      expect(errorOf(stale)['code']).toBe('ErrorIrresolvableConflict');
    }
    expect((await graph.call('GET', path)).body['subject']).toBe('one');
    const current = String(first.body['@odata.etag']);
    const gone = await graph.call('DELETE', path, { headers: { 'if-match': current } });
    expect(gone.status).toBe(204);
  });

  it('is not found after its deletion, nor in another mailbox', async () => {
    const graph = await makeGraph();
    const { id } = await graph.create();
    const elsewhere = await graph.call('GET', eventPath(id, PERSON));
    expect(elsewhere.status).toBe(404);
    await graph.call('DELETE', eventPath(id));
    for (const method of ['GET', 'DELETE']) {
      const answer = await graph.call(method, eventPath(id));
      expect(answer.status).toBe(404);
      expect(errorOf(answer)['code']).toBe('ErrorItemNotFound');
    }
  });

  it('can be written through every path of the calendar', async () => {
    const graph = await makeGraph();
    const calendar = (await graph.call('GET', `/users/${ROOM}/calendar`)).body;
    const id = encodeURIComponent(String(calendar['id']));
    for (const path of [`/users/${ROOM}/calendar/events`, `/users/${ROOM}/calendars/${id}/events`])
      expect((await graph.call('POST', path, { body: eventInput() })).status).toBe(201);
    expect(items(await graph.call('GET', `/users/${ROOM}/events`))).toHaveLength(2);
    const wrong = await graph.call('GET', `/users/${ROOM}/calendars/none/events`);
    expect(wrong.status).toBe(404);
  });

  it('keeps a text body word for word, and gives it as HTML where no preference is sent', async () => {
    const graph = await makeGraph();
    const content = 'Æ & <b>\n\n  second line "quoted"';
    const { id, body } = await graph.create({ body: { contentType: 'text', content } });
    expect(body).toEqual({
      contentType: 'html',
      content: expect.stringMatching(/^<html>.*&lt;b&gt;.*<\/html>$/s),
    });
    const text = await graph.call('GET', eventPath(id), {
      headers: { prefer: 'outlook.body-content-type="text"' },
    });
    expect(text.body['body']).toEqual({ contentType: 'text', content });
    expect(text.headers.get('preference-applied')).toBe('outlook.body-content-type="text"');
  });

  it('gives an HTML body as text without its tags', async () => {
    const graph = await makeGraph();
    const content = '<p>One &amp; two</p><p>three<br>four</p>';
    const { id } = await graph.create({ body: { contentType: 'HTML', content } });
    const headers = { prefer: 'outlook.body-content-type="text"' };
    const { body } = await graph.call('GET', eventPath(id), { headers });
    expect(body['body']).toEqual({ contentType: 'text', content: 'One & two\nthree\nfour' });
  });

  it('takes member names and enum values in any case', async () => {
    const graph = await makeGraph();
    const created = await graph.create({ SHOWAS: 'Free', Sensitivity: 'PRIVATE' });
    expect(created).toMatchObject({ showAs: 'free', sensitivity: 'private' });
  });

  it('takes one location in place of all', async () => {
    const graph = await makeGraph();
    const { id } = await graph.create({
      locations: [{ displayName: 'A' }, { displayName: 'B' }],
    });
    const { body } = await graph.call('PATCH', eventPath(id), {
      body: { location: { displayName: 'C' } },
    });
    expect(body['locations']).toMatchObject([{ displayName: 'C' }]);
  });
});
