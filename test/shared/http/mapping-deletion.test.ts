import { describe, expect, it } from 'vitest';
import type { PairId, ResourceId, RunId } from '../../../shared/model/ids.ts';
import { HOUR_MS } from '../../../shared/model/time.ts';
import { SyncOrchestrator } from '../../../shared/sync/orchestrator.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { meeting } from '../../support/events.ts';
import type { Reply } from '../../functions/recorder.ts';
import { A, BOOKING, KEY_A, KEY_B, makeWorld, NOW, OUTLOOK, type World } from './fixture.ts';

const MAILBOX = `${A}-room1` as ResourceId;
const ROOM = '1' as ResourceId;

interface Stage {
  readonly world: World;
  readonly id: PairId;
  remove(query: string, key?: string): Promise<Reply>;
  /** Titles in the mailbox and in the booking system. */
  titles(): { readonly outlook: string[]; readonly booking: string[] };
}

function bridgeOf(world: World, key: string): NonNullable<ReturnType<World['bridges']['get']>> {
  const bridge = world.bridges.get(`${A}/${key}`);
  if (bridge === undefined) throw new Error(`no bridge ${key}`);
  return bridge;
}

/** Two bookings, copied to Outlook by a real run. */
async function stage(): Promise<Stage> {
  const world = await makeWorld();
  const id = await world.addPair(ROOM, MAILBOX);
  const [outlook, booking] = [bridgeOf(world, OUTLOOK), bridgeOf(world, BOOKING)];
  for (const day of [1, 2]) {
    const start = (NOW + day * 24 * HOUR_MS) as Instant;
    const end = (start + HOUR_MS) as Instant;
    booking.calendar.create(ROOM, meeting(`booking ${day}`, start, end));
  }
  const { stores, services } = world;
  const orchestrator = new SyncOrchestrator({
    clock: services.clock,
    logger: silentLogger,
    store: stores.sync,
    pairs: stores.pairs,
    syncLog: stores.log,
    audit: stores.audit,
    work: stores.work,
    runs: stores.runs,
    queue: world.queue,
    tenant: (tenant) => services.tenants.get(tenant),
    bridge: (tenant, key) => services.bridges.get(tenant.id, key),
    newRunId: () => 'run' as RunId,
    leaseTtlMs: 150_000,
  });
  await orchestrator.run({ tenantId: A, pairId: id, cause: 'person', options: {} });
  const titlesOf = (bridge: typeof outlook, resource: ResourceId): string[] =>
    bridge
      .itemsOf(resource)
      .map(({ event }) => event.title)
      .sort();
  const titles = () => ({ outlook: titlesOf(outlook, MAILBOX), booking: titlesOf(booking, ROOM) });
  expect(titles().outlook).toEqual(['booking 1', 'booking 2']);
  return {
    world,
    id,
    titles,
    remove: (query, key = KEY_A) =>
      world.call('DELETE', `/mappings/resources/${id}${query}`, { key }),
  };
}

describe('a mapping that is deleted', () => {
  it.each(['', '?copies=keep'])('keeps its copies unless asked: %s', async (query) => {
    const { remove, titles } = await stage();
    expect((await remove(query)).status).toBe(200);
    expect(titles().outlook).toEqual(['booking 1', 'booking 2']);
    expect((await remove(query)).status).toBe(404);
  });

  it('with its copies is only planned at first', async () => {
    const { world, id, remove, titles } = await stage();
    const { status, body } = await remove('?copies=remove');
    expect(status).toBe(200);
    expect(body).toMatchObject({ dry_run: true, to_remove: 2, to_keep: 0, mapping_id: id });
    expect(body['items']).toContainEqual(
      expect.objectContaining({
        side: 'target',
        action: 'remove',
        rule: 'made-by-us',
        done: false,
      }),
    );
    expect(JSON.stringify(body)).not.toContain('booking 1');
    expect(titles().outlook).toEqual(['booking 1', 'booking 2']);
    expect((await world.stores.pairs.get(A, id))?.pair.active).toBe(true);
  });

  it('with its copies does what was confirmed, and can be asked again', async () => {
    const { world, id, remove, titles } = await stage();
    const plan = await remove('?copies=remove');
    const confirmed = `?copies=remove&confirm=${encodeURIComponent(String(plan.body['confirm']))}`;
    const done = await remove(confirmed);
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({
      dry_run: false,
      outcome: 'completed',
      removed: 2,
      kept: 0,
      left: 0,
    });
    expect(titles()).toEqual({ outlook: [], booking: ['booking 1', 'booking 2'] });
    expect((await world.stores.pairs.get(A, id))?.pair.active).toBe(false);
    expect((await remove(confirmed)).body).toMatchObject({ removed: 2, left: 0 });
    const run = await world.call('GET', `/runs/${String(done.body['run_id'])}`, { key: KEY_A });
    expect(run.body).toMatchObject({ cause: 'removal', counts: { deleted: 2 } });
    const range = { from: NOW, to: (NOW + 1) as Instant };
    const audit = await world.stores.audit.list(A, { ...range, limit: 10 });
    expect(audit.map(({ who }) => who)).toContain(`key of ${A}`);
  });

  it('with its copies is refused where they changed since, and tells the new plan', async () => {
    const { world, id, remove, titles } = await stage();
    const plan = await remove('?copies=remove');
    const { calendar } = bridgeOf(world, OUTLOOK);
    const [copy] = bridgeOf(world, OUTLOOK).itemsOf(MAILBOX);
    if (copy === undefined) throw new Error('no copy');
    calendar.edit(copy.id, { title: 'changed by a person' });
    const refused = await remove(`?copies=remove&confirm=${String(plan.body['confirm'])}`);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      mapping_id: id,
      plan: { to_remove: 1, to_keep: 1, confirm: expect.any(String) },
    });
    expect(titles().outlook).toHaveLength(2);
    const { confirm } = refused.body['plan'] as { confirm: string };
    const done = await remove(`?copies=remove&confirm=${encodeURIComponent(confirm)}`);
    expect(done.body).toMatchObject({ removed: 1, kept: 1, left: 0 });
    expect(titles().outlook).toEqual(['changed by a person']);
  });

  it('with its copies waits for a run that holds the pair', async () => {
    const { world, id, remove } = await stage();
    const plan = await remove('?copies=remove');
    const taken = await world.stores.sync.forPair(A, id).take('another run');
    expect(taken.kind).toBe('held');
    const busy = await remove(`?copies=remove&confirm=${String(plan.body['confirm'])}`);
    expect(busy.status).toBe(503);
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is not found by another tenant, with copies or without', async () => {
    const { remove } = await stage();
    for (const query of ['', '?copies=remove', '?copies=remove&confirm=x'])
      expect((await remove(query, KEY_B)).status).toBe(404);
  });

  it.each(['?copies=some', '?confirm=x', '?copies=keep&confirm=x'])(
    'is refused for what is not clear: %s',
    async (query) => {
      const { remove } = await stage();
      expect((await remove(query)).status).toBe(400);
    },
  );
});
