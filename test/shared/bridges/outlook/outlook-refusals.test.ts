import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { create, created, failureOf, read, write } from './phrases.ts';
import { WINDOW } from '../../../support/bridge-contract.ts';
import { OTHER_ROOM, ROOM, world } from './support.ts';

describe('when Outlook refuses', () => {
  it('waits out a short throttle inside a batch, and sends only those requests again', async () => {
    const place = world();
    const headers = { 'retry-after': '4' };
    const fault = { match: { method: 'POST', path: '/events' }, times: 2, status: 429, headers };
    place.simulator.faults.add(fault);
    const outcomes = await write(place, create(1), create(2), create(3), create(4));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('applied'));
    expect(place.waits).toEqual([4000]);
    const posts = place.simulator.log
      .since(0)
      .requests.filter(({ path }) => path.endsWith('/events'));
    expect(posts).toHaveLength(6);
  });

  it('leaves a long throttle to the queue, and asks for nothing more meanwhile', async () => {
    const place = world();
    const headers = { 'retry-after': '120' };
    place.simulator.faults.add({ match: { path: '/events' }, times: 1, status: 429, headers });
    const outcomes = await write(place, ...Array.from({ length: 25 }, (_, n) => create(n)));
    expect(place.waits).toEqual([]);
    expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(19);
    expect(failureOf(outcomes[24])).toMatchObject({ kind: 'throttled', retryAfterMs: 120_000 });
    expect(place.outerRequests()).toBe(1);
  });

  it('says how long a throttled read has to wait', async () => {
    const place = world();
    const headers = { 'retry-after': '17' };
    place.simulator.faults.add({ match: { path: '/delta' }, times: 1, status: 429, headers });
    await expect(read(place)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 17_000 });
    place.clock.advance(17_000);
    const item = await created(place, 1);
    place.simulator.faults.add({
      match: { method: 'GET', path: '/events/' },
      times: 1,
      status: 429,
      headers,
    });
    const looking = place.bridge.readItems(ROOM, [item.id], UNBOUNDED);
    await expect(looking).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 17_000 });
  });
});

describe('a mailbox that asked us to stay away', () => {
  const headers = { 'retry-after': '17' };

  it('is asked for nothing until then, whatever for, and then again', async () => {
    const place = world();
    place.simulator.faults.add({ match: { path: '/delta' }, times: 1, status: 429, headers });
    await expect(read(place)).rejects.toMatchObject({ retryAfterMs: 17_000 });
    const asked = place.outerRequests();
    place.clock.advance(16_999);
    await expect(read(place)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 1 });
    const [outcome] = await write(place, create(1));
    expect(failureOf(outcome)).toMatchObject({ kind: 'throttled', retryAfterMs: 1 });
    expect(place.outerRequests()).toBe(asked);
    place.clock.advance(1);
    expect((await read(place)).kind).toBe('complete');
  });

  it('is not sent what waited for its lease while another call was told so', async () => {
    const place = world();
    place.simulator.faults.add({ match: { path: '/delta' }, times: 1, status: 429, headers });
    const beforeCall = async (): Promise<void> => {
      await read(place).catch(() => undefined);
    };
    const waiting = place.bridge.readChanges(ROOM, undefined, WINDOW, { beforeCall });
    await expect(waiting).rejects.toMatchObject({ kind: 'throttled' });
    expect(place.outerRequests()).toBe(1);
  });

  it('leaves other mailboxes alone', async () => {
    const place = world();
    place.simulator.faults.add({ match: { path: '/delta' }, times: 1, status: 429, headers });
    await expect(read(place)).rejects.toMatchObject({ retryAfterMs: 17_000 });
    const other = await place.bridge.readChanges(OTHER_ROOM, undefined, WINDOW, UNBOUNDED);
    expect(other.kind).toBe('complete');
  });

  it('is remembered for one request of a batch that was throttled for long', async () => {
    const place = world();
    const long = { 'retry-after': '120' };
    const fault = { match: { method: 'POST', path: '/events' }, times: 1, status: 429 };
    place.simulator.faults.add({ ...fault, headers: long });
    const outcomes = await write(place, create(1), create(2));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['failed', 'applied']);
    const asked = place.outerRequests();
    await expect(read(place)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 120_000 });
    expect(place.outerRequests()).toBe(asked);
  });
});

describe('when a mailbox or a token is refused', () => {
  it('never takes the 404 of a mailbox for the end of its items', async () => {
    const place = world();
    const item = await created(place, 1);
    place.simulator.faults.add({
      match: { path: '/events/' },
      times: 1,
      status: 404,
      body: { error: { code: 'MailboxNotEnabledForRESTAPI', message: 'inactive' } },
    });
    const looking = place.bridge.readItems(ROOM, [item.id], UNBOUNDED);
    await expect(looking).rejects.toMatchObject({ kind: 'not-found' });
    place.simulator.faults.add({ match: { path: '/events/' }, times: 1, status: 503, body: '' });
    const [verdict] = await place.bridge.readItems(ROOM, [item.id], UNBOUNDED);
    expect(verdict).toMatchObject({ kind: 'unknown' });
  });

  it('tries a token that was not taken once more with a new one, and then says what to do', async () => {
    const place = world();
    place.simulator.faults.add({ match: { path: '/delta' }, times: 1, status: 401, body: {} });
    expect((await read(place)).kind).toBe('complete');
    expect(place.tokens).toEqual([false, true]);
    place.simulator.faults.add({ match: { path: '/delta' }, times: 2, status: 401, body: {} });
    await expect(read(place)).rejects.toMatchObject({
      kind: 'auth-rejected',
      message: expect.stringContaining('app registration') as unknown,
    });
    expect(place.tokens).toHaveLength(4);
  });

  it('tells health with the next step', async () => {
    const place = world();
    expect(await place.bridge.checkHealth()).toMatchObject({ status: 'healthy' });
    expect(place.outerRequests()).toBe(1);
    const body = { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } };
    place.simulator.faults.add({ match: { path: '/places' }, times: 1, status: 403, body });
    expect(await place.bridge.checkHealth()).toMatchObject({
      status: 'unhealthy',
      detail: expect.stringContaining('Calendars.ReadWrite') as unknown,
    });
    place.simulator.faults.add({ match: { path: '/places' }, times: 1, status: 429, body: {} });
    expect(await place.bridge.checkHealth()).toMatchObject({ status: 'degraded' });
  });
});
