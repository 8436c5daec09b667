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

describe('a transactionId', () => {
  const transactionId = 'T-1';

  it('makes nothing when the same create comes again at once', async () => {
    const graph = await makeGraph();
    const first = await graph.create({ transactionId });
    const again = await graph.create({ transactionId });
    expect(again.id).toBe(first.id);
    expect(again['transactionId']).toBe(transactionId);
    expect(items(await graph.call('GET', `/users/${ROOM}/events`))).toHaveLength(1);
  });

  it('is refused with the id of the event for another content and for a late repeat', async () => {
    const graph = await makeGraph();
    const first = await graph.create({ transactionId }, ROOM, IMMUTABLE);
    const other = eventInput({ transactionId, subject: 'Other' });
    const path = `/users/${ROOM}/events`;
    const refused = await graph.call('POST', path, { body: other, headers: IMMUTABLE });
    expect(refused.status).toBe(409);
    expect(errorOf(refused)).toMatchObject({
      code: 'ErrorDuplicateTransactionId',
      '@event.existingEventId': first.id,
    });
    graph.clock.advance(3_600_000);
    const late = await graph.call('POST', path, { body: eventInput({ transactionId }) });
    expect(late.status).toBe(409);
  });

  it('is refused also after the event is deleted', async () => {
    const graph = await makeGraph();
    const { id } = await graph.create({ transactionId });
    await graph.call('DELETE', eventPath(id));
    const again = await graph.call('POST', `/users/${ROOM}/events`, {
      body: eventInput({ transactionId }),
    });
    expect(again.status).toBe(409);
    expect(errorOf(again)['code']).toBe('ErrorDuplicateTransactionId');
    expect(errorOf(again)).not.toHaveProperty(['@event.existingEventId']);
  });

  it('can be used once in each mailbox, and is absent where none was sent', async () => {
    const graph = await makeGraph();
    await graph.create({ transactionId });
    const elsewhere = await graph.create({ transactionId }, PERSON);
    expect(elsewhere['transactionId']).toBe(transactionId);
    expect(await graph.create()).not.toHaveProperty('transactionId');
  });
});
