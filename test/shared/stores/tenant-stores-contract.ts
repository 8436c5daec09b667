import { describe, expect, it } from 'vitest';
import {
  resourceHashOf,
  type BridgeKey,
  type Endpoint,
  type ExternalId,
  type MappingId,
  type PairId,
  type ResourceId,
  type RunId,
  type TenantId,
} from '../../../shared/model/ids.ts';
import { summaryOf, type ActionReport, type RunReport } from '../../../shared/model/run.ts';
import type { Subscription } from '../../../shared/model/subscription.ts';
import type { StoredVerification } from '../../../shared/model/verification.ts';
import { mapBounded } from '../../../shared/stores/bounded.ts';
import { DuplicatePairError } from '../../../shared/stores/errors.ts';
import { pairKey } from '../../../shared/stores/keys.ts';
import type { NewPair, SyncLogEntry } from '../../../shared/stores/ports.ts';
import type { Tables } from '../../../shared/stores/table.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { storeTest, type StoreTest } from './fixtures.ts';

const end = (bridge: string, resource: string): Endpoint => ({
  bridge: bridge as BridgeKey,
  resource: resource as ResourceId,
});
const outlook = (mailbox: string): Endpoint => end('outlook', mailbox);
const booking = (resource: string): Endpoint => end('booking_system', resource);

const newPair = (tenantId: TenantId, over: Partial<NewPair> = {}): NewPair => ({
  tenantId,
  a: booking('12'),
  b: outlook('Council@municipal-a.example'),
  nameA: 'Formannskapssalen',
  nameB: 'Council',
  direction: 'aToB',
  conflictPolicy: 'a',
  syncEnabled: true,
  ...over,
});

const at = (text: string): Instant => Date.parse(text) as Instant;

/** What the stores of a tenant keep to, on every kind of table. */
export function describeTenantStores(name: string, tables: () => Tables): void {
  const start = (): StoreTest => storeTest(tables());
  describePairs(name, start, tables);
  describeLogs(name, start);
  describeWork(name, start);
  describeRuns(name, start);
}

function describePairs(name: string, start: () => StoreTest, tables: () => Tables): void {
  describe(`resource mappings (${name})`, () => {
    it('are made, listed and found by either end', async () => {
      const { stores, tenantId, clock } = start();
      const { pair, etag } = await stores.pairs.create(newPair(tenantId));
      expect(pair).toEqual({
        ...newPair(tenantId),
        id: pair.id,
        active: true,
        status: 'pending',
        createdAt: clock.now(),
        updatedAt: clock.now(),
      });
      const { a, b } = newPair(tenantId);
      expect(await stores.pairs.list(tenantId)).toEqual([pair]);
      expect(await stores.pairs.get(tenantId, pair.id)).toEqual({ pair, etag });
      for (const { bridge, resource } of [a, b])
        expect(await stores.pairs.findByResource(tenantId, bridge, resource)).toEqual([pair]);
      const shouted = b.resource.toUpperCase() as ResourceId;
      expect(await stores.pairs.findByResource(tenantId, b.bridge, shouted)).toEqual([pair]);
      expect(await stores.pairs.findByResource(tenantId, a.bridge, b.resource)).toEqual([]);
    });

    it('belong to their tenant', async () => {
      const { stores, tenantId } = start();
      const { pair } = await stores.pairs.create(newPair(tenantId));
      const other = `${tenantId}-b` as TenantId;
      expect(await stores.pairs.list(other)).toEqual([]);
      expect(await stores.pairs.get(other, pair.id)).toBeUndefined();
      expect(await stores.pairs.findByResource(other, pair.a.bridge, pair.a.resource)).toEqual([]);
      const twin = await stores.pairs.create(newPair(other));
      expect(twin.pair.id).not.toBe(pair.id);
      await expect(stores.pairs.update(other, pair.id, { active: false })).rejects.toMatchObject({
        kind: 'not-found',
      });
    });

    it('exist once, whichever end is named first, also when made twice at once', async () => {
      const { stores, tenantId } = start();
      const wanted = newPair(tenantId);
      const made = await Promise.allSettled(
        Array.from({ length: 4 }, () => stores.pairs.create(wanted)),
      );
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reversed = { ...wanted, a: wanted.b, b: wanted.a };
      await expect(stores.pairs.create(wanted)).rejects.toThrow(DuplicatePairError);
      await expect(stores.pairs.create(reversed)).rejects.toThrow(DuplicatePairError);
    });

    it('have a brake of their own where a person sets one, until it is taken off', async () => {
      const { stores, tenantId } = start();
      const { pair } = await stores.pairs.create(newPair(tenantId));
      const brake = { deletionsMin: 2, holdHours: 24 };
      await stores.pairs.update(tenantId, pair.id, { brake });
      await stores.pairs.update(tenantId, pair.id, { syncEnabled: false });
      expect((await stores.pairs.get(tenantId, pair.id))?.pair.brake).toEqual(brake);
      await stores.pairs.update(tenantId, pair.id, { brake: undefined });
      expect((await stores.pairs.get(tenantId, pair.id))?.pair).not.toHaveProperty('brake');
    });

    it('share a resource', async () => {
      const { stores, tenantId } = start();
      const room = newPair(tenantId);
      await stores.pairs.create(room);
      await stores.pairs.create({ ...room, b: outlook('annex@municipal-a.example') });
      const found = await stores.pairs.findByResource(tenantId, room.a.bridge, room.a.resource);
      expect(found.map(({ b }) => b.resource).sort()).toEqual([
        'Council@municipal-a.example',
        'annex@municipal-a.example',
      ]);
    });

    it('live again after a soft delete, with their sides as they were', async () => {
      const { stores, tenantId, clock } = start();
      const wanted = newPair(tenantId);
      const { pair: first } = await stores.pairs.create(wanted);
      await stores.pairs.recordRun(tenantId, first.id, {
        status: 'error',
        statusReason: 'sign-in refused',
        lastRunAt: clock.now(),
      });
      await stores.pairs.update(tenantId, first.id, { active: false });
      clock.advance(1_000);
      const { pair } = await stores.pairs.create({
        ...wanted,
        a: wanted.b,
        b: wanted.a,
        nameA: 'Rådssalen i Outlook',
        nameB: 'Rådssalen',
        direction: 'aToB',
        conflictPolicy: 'a',
      });
      expect(pair).toEqual({
        ...wanted,
        id: first.id,
        active: true,
        status: 'pending',
        nameA: 'Rådssalen',
        nameB: 'Rådssalen i Outlook',
        direction: 'bToA',
        conflictPolicy: 'b',
        createdAt: first.createdAt,
        updatedAt: clock.now(),
      });
      expect((await stores.pairs.get(tenantId, first.id))?.pair).toEqual(pair);
    });

    it('are edited member by member', async () => {
      const { stores, tenantId, clock } = start();
      const { pair } = await stores.pairs.create(newPair(tenantId));
      clock.advance(1_000);
      await stores.pairs.update(tenantId, pair.id, { syncEnabled: false, nameB: undefined });
      const { nameB: _, ...rest } = pair;
      const expected = { ...rest, syncEnabled: false, updatedAt: clock.now() };
      expect((await stores.pairs.get(tenantId, pair.id))?.pair).toEqual(expected);
    });

    it('refuse an edit of an older version, which a run is not', async () => {
      const { stores, tenantId, clock } = start();
      const { pair, etag } = await stores.pairs.create(newPair(tenantId));
      const run = { status: 'synced', lastRunAt: clock.now(), lastSyncedAt: clock.now() } as const;
      await stores.pairs.recordRun(tenantId, pair.id, run);
      await stores.pairs.update(tenantId, pair.id, { direction: 'both' }, etag);
      await expect(
        stores.pairs.update(tenantId, pair.id, { direction: 'bToA' }, etag),
      ).rejects.toMatchObject({ kind: 'precondition-failed' });
      expect((await stores.pairs.get(tenantId, pair.id))?.pair).toMatchObject({
        ...run,
        direction: 'both',
      });
    });

    it('take edits and runs at once without losing either', async () => {
      const { stores, tenantId, clock } = start();
      const { pair } = await stores.pairs.create(newPair(tenantId));
      const { pairs } = stores;
      await Promise.all([
        pairs.update(tenantId, pair.id, { direction: 'both' }),
        pairs.recordRun(tenantId, pair.id, { status: 'synced', lastRunAt: clock.now() }),
        pairs.update(tenantId, pair.id, { syncEnabled: false }),
        pairs.update(tenantId, pair.id, { conflictPolicy: 'flag' }),
      ]);
      expect((await pairs.get(tenantId, pair.id))?.pair).toMatchObject({
        direction: 'both',
        syncEnabled: false,
        conflictPolicy: 'flag',
        status: 'synced',
      });
    });

    it('keep the last good run, and lose the reason, over runs that say neither', async () => {
      const { stores, tenantId } = start();
      const { pair } = await stores.pairs.create(newPair(tenantId));
      const [good, bad, better] = [1e12, 2e12, 3e12] as [Instant, Instant, Instant];
      const record = stores.pairs.recordRun.bind(stores.pairs, tenantId, pair.id);
      const synced = { status: 'synced', lastRunAt: good, lastSyncedAt: good } as const;
      await record({ ...synced, mappedEvents: 7 });
      await record({ status: 'error', statusReason: 'HTML', lastRunAt: bad });
      expect((await stores.pairs.list(tenantId))[0]).toMatchObject({
        status: 'error',
        statusReason: 'HTML',
        lastRunAt: bad,
        lastSyncedAt: good,
        mappedEvents: 7,
      });
      await record({ status: 'pending', lastRunAt: better });
      expect((await stores.pairs.list(tenantId))[0]).not.toHaveProperty('statusReason');
    });

    it('are listed past a page, without a damaged one', { timeout: 60_000 }, async () => {
      const { stores, tenantId } = start();
      const numbers = Array.from({ length: 505 }, (_, n) => n);
      const made = await mapBounded(numbers, 16, (n) =>
        stores.pairs.create(newPair(tenantId, { a: booking(String(n)) })),
      );
      expect(await stores.pairs.list(tenantId)).toHaveLength(505);
      const id = made[7]?.pair.id ?? ('' as PairId);
      const damage = { rowKey: pairKey(id), values: { direction: 'sideways' } };
      await tables()
        .table('pairs')
        .write(tenantId, [{ kind: 'merge', row: damage }]);
      expect(await stores.pairs.list(tenantId)).toHaveLength(504);
      await expect(stores.pairs.get(tenantId, id)).rejects.toMatchObject({
        name: 'DamagedRowError',
        rowKey: pairKey(id),
      });
    });

    it('are not found by ids that are none', async () => {
      const { stores, tenantId } = start();
      for (const id of ['', 'a/b', '../x', 'x'.repeat(2_000), "' or true"])
        expect(await stores.pairs.get(tenantId, id as PairId)).toBeUndefined();
    });
  });
}

function describeLogs(name: string, start: () => StoreTest): void {
  const entry = (when: string, over: Partial<SyncLogEntry> = {}): SyncLogEntry => ({
    at: at(when),
    runId: 'run-1' as RunId,
    pairId: 'pair-1' as PairId,
    action: 'create',
    target: 'b',
    rule: 'new/absent',
    reason: 'a new event on side a',
    outcome: 'applied',
    ...over,
  });

  describe(`logs (${name})`, () => {
    it('tell the newest first over days, months and missing tables', async () => {
      const { stores, tenantId } = start();
      const times = ['2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00Z', '2026-10-02T12:00:00Z'];
      await stores.log.append(
        tenantId,
        times.map((time) => entry(time)),
      );
      const range = { from: at('2026-09-01T00:00:00Z'), to: at('2027-02-01T00:00:00Z') };
      const found = await stores.log.list(tenantId, { ...range, limit: 100 });
      expect(found).toEqual([times[1], times[0], times[2]].map((time) => entry(time ?? '')));
      expect(await stores.log.list(tenantId, { ...range, limit: 2 })).toHaveLength(2);
    });

    it('keep to a half-open range, a pair and a tenant', async () => {
      const { stores, tenantId } = start();
      const [from, to] = ['2026-11-23T10:00:00Z', '2026-11-23T11:00:00Z'];
      const other = 'pair-2' as PairId;
      await stores.log.append(tenantId, [
        entry(from),
        entry('2026-11-23T10:59:59.999Z', { pairId: other }),
        entry(to),
        entry('2026-11-23T09:59:59.999Z'),
      ]);
      const query = { from: at(from), to: at(to), limit: 10 };
      expect(await stores.log.list(tenantId, query)).toHaveLength(2);
      const ofPair = await stores.log.list(tenantId, { ...query, pairId: other });
      expect(ofPair.map(({ pairId }) => pairId)).toEqual([other]);
      expect(await stores.log.list(`${tenantId}x` as TenantId, query)).toEqual([]);
      expect(await stores.log.list(tenantId, { ...query, to: query.from })).toEqual([]);
    });

    it('hold more than a transaction of one run, and each entry once when told twice', async () => {
      const { stores, tenantId } = start();
      const entries = Array.from({ length: 230 }, (_, n) =>
        entry('2026-11-23T10:00:00Z', { reason: `no. ${n}`, target: n % 2 ? 'a' : 'b' }),
      );
      await stores.log.append(tenantId, entries);
      await stores.log.append(tenantId, entries);
      const more = entry('2026-11-23T10:00:00Z', { reason: 'a later part of the same run' });
      await stores.log.append(tenantId, [more]);
      await stores.log.append(tenantId, []);
      const range = { from: at('2026-11-23T00:00:00Z'), to: at('2026-11-24T00:00:00Z') };
      const found = await stores.log.list(tenantId, { ...range, limit: 1_000 });
      expect(new Set(found.map(({ reason }) => reason)).size).toBe(231);
      expect(found).toHaveLength(231);
    });

    it('are walked through whole, whatever their number, as far as they are asked for', async () => {
      const { stores, tenantId } = start();
      const other = 'pair-2' as PairId;
      const many = Array.from({ length: 1_200 }, (_, n) =>
        entry('2026-11-30T10:00:00Z', { reason: `no. ${n}` }),
      );
      await stores.log.append(tenantId, [
        ...many,
        entry('2026-12-01T00:00:00Z', { pairId: other }),
        entry('2026-12-02T00:00:00Z'),
      ]);
      const walk = async (more: { to: Instant; pairId?: PairId }): Promise<string[]> => {
        const seen: string[] = [];
        const range = { from: at('2026-11-01T00:00:00Z'), ...more };
        await stores.log.each(tenantId, range, ({ reason, pairId }) => seen.push(reason + pairId));
        return seen;
      };
      const to = at('2026-12-02T00:00:00Z');
      const seen = await walk({ to });
      expect([seen.length, new Set(seen).size]).toEqual([1_201, 1_201]);
      expect(await walk({ to, pairId: other })).toHaveLength(1);
      await expect(walk({ to: at('2029-01-01T00:00:00Z') })).rejects.toThrow(RangeError);
    });

    it('refuse a question without bounds', async () => {
      const { stores, tenantId } = start();
      const [from, to] = [at('2020-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z')];
      const list = (limit: number, start = from): Promise<unknown> =>
        stores.log.list(tenantId, { from: start, to, limit });
      await expect(list(10)).rejects.toThrow(RangeError);
      await expect(list(1_001, (to - 1_000) as Instant)).rejects.toThrow(RangeError);
    });

    it('say who did what', async () => {
      const { stores, tenantId } = start();
      const deed = {
        at: at('2026-11-23T10:00:00Z'),
        who: 'key ending …3f',
        what: 'mapping.delete',
        targetId: 'room/#1?',
        requestId: 'req-1',
      };
      await stores.audit.append(tenantId, [deed, { ...deed, at: (deed.at + 1) as Instant }]);
      const range = { from: deed.at, to: (deed.at + 10) as Instant, limit: 10 };
      const found = await stores.audit.list(tenantId, range);
      expect(found).toEqual([{ ...deed, at: deed.at + 1 }, deed]);
    });
  });
}

function describeWork(name: string, start: () => StoreTest): void {
  describe(`verifications (${name})`, () => {
    it('are kept with each pair, the last one, however long', async () => {
      const { stores, tenantId } = start();
      const [one, other] = ['pair-1', 'pair-2'] as [PairId, PairId];
      const differences = Array.from({ length: 500 }, (_, number) => ({
        kind: 'fields' as const,
        mappingId: `m:a:${'x'.repeat(43)}` as MappingId,
        a: `event:${number}` as ExternalId,
        b: 'y'.repeat(152) as ExternalId,
        fields: ['title', 'slot', 'description'] as const,
        rule: 'conflict-flagged',
        reason: 'ø'.repeat(300),
        isPending: false,
      }));
      const found: StoredVerification = {
        pairId: one,
        runId: 'run-1' as RunId,
        verifiedAt: at('2026-11-23T10:00:00Z'),
        window: { start: at('2026-11-22T10:00:00Z'), end: at('2027-05-22T10:00:00Z') },
        verdict: 'explained',
        equal: 3,
        explained: 500,
        unexplained: 0,
        pending: 0,
        held: 0,
        shown: { a: 503, b: 503 },
        compared: ['title', 'slot'],
        hidden: [],
        byRule: { 'conflict-flagged': 500 },
        differences,
        omitted: 0,
      };
      expect(await stores.work.getVerification(tenantId, one)).toBeUndefined();
      await stores.work.putVerification(tenantId, found);
      expect(await stores.work.getVerification(tenantId, one)).toEqual(found);
      const later = { ...found, differences: [], verifiedAt: at('2026-11-30T10:00:00Z') };
      await stores.work.putVerification(tenantId, later);
      await stores.work.putVerification(tenantId, { ...found, pairId: other });
      expect(await stores.work.getVerification(tenantId, one)).toEqual(later);
      const times = await stores.work.listVerifiedAt(tenantId);
      expect([...times].toSorted()).toEqual([
        [one, later.verifiedAt],
        [other, found.verifiedAt],
      ]);
    });
  });

  describe(`subscriptions (${name})`, () => {
    it('are one a resource, in whatever case it is written, and found by its hash', async () => {
      const { stores, tenantId } = start();
      const bridge = 'outlook' as BridgeKey;
      const row = {
        bridge,
        resource: 'Room@town.example' as ResourceId,
        id: 'sub-1',
        terms: 'terms',
        renewedAt: 1_800_000_000_000 as Instant,
        expiresAt: 1_800_000_600_000 as Instant,
        failures: 0,
      };
      const put = async (one: Subscription): Promise<void> => {
        await stores.subscriptions.change(tenantId, one, () => one);
      };
      await put(row);
      await put({ bridge: 'google' as BridgeKey, resource: row.resource, failures: 0 });
      const { id: _, ...ended } = { ...row, resource: 'room@town.example' as ResourceId };
      await put({ ...ended, failures: 1, failure: 'ø'.repeat(900), ended: true });
      const [stored, ...more] = await stores.subscriptions.list(tenantId, bridge);
      expect(more).toEqual([]);
      expect(stored).toMatchObject({ failures: 1, ended: true });
      expect(stored).not.toHaveProperty('id');
      expect(stored?.failure).toHaveLength(500);
      const hash = resourceHashOf(row.resource);
      expect(await stores.subscriptions.get(tenantId, bridge, hash)).toEqual(stored);
      expect(await stores.subscriptions.get(tenantId, bridge, 'nobody')).toBeUndefined();
      expect(await stores.subscriptions.list('elsewhere' as TenantId, bridge)).toEqual([]);
    });

    it('may be without an end', async () => {
      const { stores, tenantId } = start();
      const row = {
        bridge: 'booking_system' as BridgeKey,
        resource: '12' as ResourceId,
        id: 'sub-1',
        renewedAt: 1_800_000_000_000 as Instant,
        endless: true as const,
        failures: 0,
      };
      await stores.subscriptions.change(tenantId, row, () => row);
      expect(await stores.subscriptions.list(tenantId, row.bridge)).toEqual([row]);
    });

    it('are changed by what stands there, and asked again where somebody was before', async () => {
      const { stores, tenantId } = start();
      const one = {
        bridge: 'outlook' as BridgeKey,
        resource: 'room@town.example' as ResourceId,
        failures: 0,
      };
      const count = async (): Promise<unknown> =>
        await stores.subscriptions.change(tenantId, one, (present = one) => ({
          ...present,
          failures: present.failures + 1,
        }));
      await Promise.all(Array.from({ length: 4 }, count));
      expect(await stores.subscriptions.list(tenantId, one.bridge)).toEqual([
        { ...one, failures: 4 },
      ]);
      expect(await stores.subscriptions.change(tenantId, one, () => undefined)).toBeUndefined();
      expect(await stores.subscriptions.list(tenantId, one.bridge)).toMatchObject([
        { failures: 4 },
      ]);
    });
  });

  describe(`work of a tenant (${name})`, () => {
    it('has the last health of each bridge', async () => {
      const { stores, tenantId, clock } = start();
      const health = { bridge: 'outlook' as BridgeKey, checkedAt: clock.now() };
      await stores.work.putHealth(tenantId, { ...health, status: 'unhealthy', reason: 'no' });
      await stores.work.putHealth(tenantId, { ...health, status: 'healthy', latencyMs: 12.6 });
      expect(await stores.work.listHealth(tenantId)).toEqual([
        { ...health, status: 'healthy', latencyMs: 13 },
      ]);
      expect(await stores.work.listHealth(`${tenantId}x` as TenantId)).toEqual([]);
    });
  });
}

const PAIR = 'pair-1' as PairId;

function describeRuns(name: string, start: () => StoreTest): void {
  const action = (n: number): ActionReport => ({
    action: 'update',
    target: 'b',
    sourceEventId: `AAMk${n}` as NonNullable<ActionReport['sourceEventId']>,
    rule: 'changed/unchanged',
    reason: 'x'.repeat(1_000),
    outcome: 'applied',
  });
  const report = (
    runId: string,
    actions: readonly ActionReport[] = [],
    when = '2026-11-23T08:59:00Z',
  ): RunReport => ({
    runId: runId as RunId,
    pairId: PAIR,
    cause: 'person',
    outcome: 'partial',
    dryRun: false,
    found: { a: 3, b: 4 },
    actions,
    error: { kind: 'throttled', message: 'the mailbox asked for 30 s' },
    blockedUntil: at('2026-11-23T10:00:30Z'),
    startedAt: at(when),
    durationMs: 1234,
  });

  describe(`runs (${name})`, () => {
    it('are known by their id, to their tenant', async () => {
      const { stores, tenantId } = start();
      const full = report('run-1', [action(1), action(2)]);
      await stores.runs.put(tenantId, full);
      const stored = await stores.runs.get(tenantId, full.runId);
      const { runId, pairId } = full;
      expect(stored).toEqual({ state: 'finished', runId, pairId, report: full, actionsOmitted: 0 });
      expect(await stores.runs.get(tenantId, 'run/../1' as RunId)).toBeUndefined();
      expect(await stores.runs.get(`${tenantId}x` as TenantId, full.runId)).toBeUndefined();
    });

    it('are queued from when they were first queued until they end', async () => {
      const { stores, tenantId, clock } = start();
      const { runs } = stores;
      const runId = 'run-1' as RunId;
      const queued = { state: 'queued', runId, pairId: PAIR, queuedAt: clock.now() };
      await runs.queued(tenantId, PAIR, runId);
      clock.advance(1_000);
      await runs.queued(tenantId, PAIR, runId);
      expect(await runs.get(tenantId, runId)).toEqual(queued);
      expect(await runs.list(tenantId, PAIR, { limit: 10 })).toEqual({ runs: [] });
      await runs.put(tenantId, report('run-1'));
      await runs.queued(tenantId, PAIR, runId);
      expect((await runs.get(tenantId, runId))?.state).toBe('finished');
    });

    it('that are queued in one month may end in the next, whose table nobody made', async () => {
      const { stores, tenantId, clock } = start();
      const { runs } = stores;
      clock.advance(at('2027-03-31T23:59:59Z') - clock.now());
      await runs.queued(tenantId, PAIR, 'run-1' as RunId);
      clock.advance(10_000);
      expect((await runs.get(tenantId, 'run-1' as RunId))?.state).toBe('queued');
      await runs.put(tenantId, report('run-1', [], '2027-04-01T00:00:05Z'));
      expect((await runs.get(tenantId, 'run-1' as RunId))?.state).toBe('finished');
      clock.advance(at('2027-06-01T00:00:00Z') - clock.now());
      expect(await runs.get(tenantId, 'run-1' as RunId)).toBeUndefined();
    });

    it('that began before they were noted as queued, in the month before, have ended', async () => {
      const { stores, tenantId, clock } = start();
      const { runs } = stores;
      const runId = 'run-1' as RunId;
      clock.advance(at('2027-04-01T00:00:01Z') - clock.now());
      await runs.queued(tenantId, PAIR, runId);
      await runs.put(tenantId, report('run-1', [], '2027-03-31T23:59:59Z'));
      expect((await runs.get(tenantId, runId))?.state).toBe('finished');
      clock.advance(at('2027-05-20T00:00:00Z') - clock.now());
      expect((await runs.get(tenantId, runId))?.state).toBe('finished');
    });

    it('are queued since they first were, over the end of a month', async () => {
      const { stores, tenantId, clock } = start();
      const { runs } = stores;
      const runId = 'run-1' as RunId;
      clock.advance(at('2027-03-31T23:59:59Z') - clock.now());
      await runs.queued(tenantId, PAIR, runId);
      const queuedAt = clock.now();
      clock.advance(10_000);
      await runs.queued(tenantId, PAIR, runId);
      expect(await runs.get(tenantId, runId)).toMatchObject({ state: 'queued', queuedAt });
    });

    it('of a pair are listed the newest first, page after page, over the months', async () => {
      const { stores, tenantId, clock } = start();
      const { runs } = stores;
      clock.advance(at('2026-12-02T00:00:00Z') - clock.now());
      const days = ['11-28', '11-30', '12-01', '11-29'];
      const made = days.map((day, n) => report(`run-${n}`, [action(n)], `2026-${day}T08:00:00Z`));
      const twin = report('run-1x', [], '2026-11-30T08:00:00Z');
      for (const one of [...made, twin]) await runs.put(tenantId, one);
      await runs.put(tenantId, { ...twin, runId: 'other' as RunId, pairId: 'pair-10' as PairId });
      const expected = [made[2], made[1], twin, made[3], made[0]].flatMap((one) =>
        one === undefined ? [] : [summaryOf(one)],
      );
      const all = await runs.list(tenantId, PAIR, { limit: 100 });
      expect(all).toEqual({ runs: expected });
      for (const limit of [1, 2, 3]) {
        const paged = [];
        let page = await runs.list(tenantId, PAIR, { limit });
        for (;;) {
          expect(page.runs.length).toBeLessThanOrEqual(limit);
          paged.push(...page.runs);
          if (page.next === undefined) break;
          page = await runs.list(tenantId, PAIR, { limit, before: page.next });
        }
        expect(paged).toEqual(expected);
      }
      expect((await runs.list(`${tenantId}x` as TenantId, PAIR, { limit: 9 })).runs).toEqual([]);
    });

    it('refuse a question without bounds, and a page that is none', async () => {
      const { stores, tenantId } = start();
      for (const limit of [0, 1_001, Number.NaN])
        await expect(stores.runs.list(tenantId, PAIR, { limit })).rejects.toThrow(RangeError);
      for (const before of ['', 'x', "12345678901234:' or 1", '12345678901234:'])
        await expect(stores.runs.list(tenantId, PAIR, { limit: 1, before })).rejects.toThrow(
          RangeError,
        );
    });

    it('are counted by what they did', async () => {
      const { stores, tenantId } = start();
      const kinds = ['create', 'update', 'restore', 'delete', 'flag', 'refuse', 'keep', 'link'];
      const actions = kinds.map((kind) => ({
        ...action(1),
        action: kind as ActionReport['action'],
      }));
      const more = (['failed', 'put-off'] as const).map((outcome) => ({ ...action(2), outcome }));
      await stores.runs.put(tenantId, report('run-1', [...actions, ...more]));
      const { runs } = await stores.runs.list(tenantId, PAIR, { limit: 1 });
      expect(runs[0]?.counts).toEqual({
        created: 1,
        updated: 2,
        deleted: 1,
        flagged: 1,
        refused: 1,
        kept: 1,
        failed: 1,
        putOff: 1,
      });
    });

    it('keep as many actions as have room, and count the rest', async () => {
      const { stores, tenantId } = start();
      const full = report(
        'run-2',
        Array.from({ length: 2_000 }, (_, n) => action(n)),
      );
      await stores.runs.put(tenantId, full);
      const stored = await stores.runs.get(tenantId, full.runId);
      if (stored?.state !== 'finished') throw new Error('the run has not ended');
      const kept = stored.report.actions.length;
      expect(kept).toBeGreaterThan(100);
      expect(stored.actionsOmitted).toBe(2_000 - kept);
      expect(stored.report.actions).toEqual(full.actions.slice(0, kept));
      const { runs } = await stores.runs.list(tenantId, PAIR, { limit: 1 });
      expect(runs[0]?.counts.updated).toBe(2_000);
    });
  });
}
