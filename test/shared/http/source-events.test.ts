import { describe, expect, it } from 'vitest';
import type { ResourceId, RunId } from '../../../shared/model/ids.ts';
import { HOUR_MS } from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { meeting } from '../../support/events.ts';
import { A, engineOf, KEY_A, makeWorld, NOW, OUTLOOK } from './fixture.ts';

const BACK = '/bridges/sync/outlook/booking_system';

describe('the events of the source that a sync tells of', () => {
  const MAILBOX = `${A}-room1`;
  const IDS = { source_calendar_id: MAILBOX, target_calendar_id: '1' };

  /** Events in the mailbox on these days from now, synced by the real engine. */
  async function synced(...days: readonly number[]) {
    const world = await makeWorld();
    await world.addPair('1', MAILBOX);
    const outlook = world.bridges.get(`${A}/${OUTLOOK}`);
    const engine = engineOf(world);
    world.answerRuns(async ({ tenantId, pairId, options, runId = 'run' as RunId }) =>
      engine.run({ tenantId, pairId, options, runId, cause: 'person' }),
    );
    const add = (day: number): void => {
      const start = (NOW + day * 24 * HOUR_MS) as Instant;
      const content = meeting(`day ${day}`, start, (start + HOUR_MS) as Instant);
      outlook?.calendar.create(MAILBOX as ResourceId, content);
    };
    days.forEach(add);
    const found = async (body: object = {}): Promise<unknown> => {
      const one = await world.call('POST', BACK, { key: KEY_A, body: { ...IDS, ...body } });
      return (one.body['sync_results'] as Record<string, unknown>)['source_events_found'];
    };
    return { world, add, found };
  }

  it('are all of the window, also when a read shows only what changed', async () => {
    const { world, add, found } = await synced(1, 2, 3);
    expect(await found()).toBe(3);
    expect(await found()).toBe(3);
    add(4);
    expect(await found({ dry_run: true })).toBe(4);
    expect(await found()).toBe(4);
    expect(await found()).toBe(4);
    const { body } = await world.call('POST', BACK, { key: KEY_A, body: {} });
    expect(body).toMatchObject({ summary: { total_source_events: 4 } });
  });

  it('are those between the dates that were asked for', async () => {
    const { found } = await synced(1, 2, 3, 40);
    expect(await found({ handle_deletions: true })).toBe(4);
    expect(await found({ start_date: '2026-03-04', end_date: '2026-03-05' })).toBe(2);
    expect(await found({ start_date: '2026-03-03' })).toBe(3);
  });

  it('are fewer once one is gone', async () => {
    const { world, found } = await synced(1, 2);
    expect(await found()).toBe(2);
    const bridge = world.bridges.get(`${A}/${OUTLOOK}`);
    const [first] = bridge?.itemsOf(MAILBOX as ResourceId) ?? [];
    if (first !== undefined) bridge?.calendar.remove(first.id);
    expect(await found({ handle_deletions: true })).toBe(1);
    expect(await found()).toBe(1);
  });
});
