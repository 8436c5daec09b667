import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { A, KEY_A, makeWorld } from './fixture.ts';

const never = async (): Promise<never> => new Promise(() => {});

describe('a system that hangs while it is read for a caller', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['listResources', '/bridges/outlook/calendars'],
    ['listResources', '/bridges/outlook/available-resources'],
    ['listGroups', '/bridges/outlook/available-groups'],
    ['readChanges', `/bridges/outlook/resources/${A}-room1/calendar-items`],
    ['readUserItems', '/bridges/outlook/users/person@a.example/calendar-items'],
  ])('is waited for 20 s and no longer, then 503: %s, %s', async (method, path) => {
    const world = await makeWorld();
    Object.assign(world.bridges.get(`${A}/outlook`) ?? {}, { [method]: never });
    const answered = vi.fn<() => void>();
    const answering = world.call('GET', path, { key: KEY_A }).finally(answered);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(answered).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(answered).toHaveBeenCalled();
    const { status, body } = await answering;
    expect(status).toBe(503);
    expect(body['detail']).toBe('the system did not answer within 20 s; try again');
  });

  it('is unhealthy after 8 s', async () => {
    const world = await makeWorld();
    Object.assign(world.bridges.get(`${A}/outlook`) ?? {}, { checkHealth: never });
    const answering = world.call('GET', '/bridges/health', { key: KEY_A });
    await vi.advanceTimersByTimeAsync(8000);
    const { outlook } = (await answering).body['bridges'] as Record<string, object>;
    expect(outlook).toMatchObject({
      status: 'unhealthy',
      detail: expect.stringContaining('no answer within 8 s') as string,
    });
  });
});
