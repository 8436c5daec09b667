import { describe, expect, it } from 'vitest';
import type { Tables } from '../../../shared/stores/table.ts';
import { FaultyTables } from './faulty-tables.ts';
import { change, held, mapping, storeTest, type StoreTest } from './fixtures.ts';

/** "This pair is dirty": nothing that raises it may be lost. */
export function describeSignal(name: string, tables: () => Tables): void {
  const start = (): StoreTest => storeTest(tables());

  describe(`the signal of a pair (${name})`, () => {
    it('counts every raise, also of many at once', async () => {
      const { rows } = start();
      const raised = await Promise.all(Array.from({ length: 12 }, () => rows.raise()));
      const counts = raised.map(({ count }) => count);
      expect([...counts].sort((one, other) => one - other)).toEqual(
        Array.from({ length: 12 }, (_, n) => n + 1),
      );
      expect((await rows.readControl()).signal).toEqual({ raised: 12, state: 'raising', seen: 0 });
    });

    it('needs one message while one is on its way', async () => {
      const { rows, clock } = start();
      const first = await rows.raise();
      expect(first).toEqual({ count: 1, send: 'now', delayMs: 0 });
      await rows.markSent(first.count);
      clock.advance(119_999);
      expect(await rows.raise()).toEqual({ count: 2, send: 'no', delayMs: 0 });
      expect((await rows.readControl()).signal).toMatchObject({ raised: 2, state: 'queued' });
    });

    it('sends again when the message is older than two minutes', async () => {
      const { rows, clock } = start();
      await rows.markSent((await rows.raise()).count);
      clock.advance(120_000);
      expect(await rows.raise()).toEqual({ count: 2, send: 'now', delayMs: 0 });
    });

    it('is muted by no crash between the row and its message', async () => {
      const { rows } = start();
      await rows.raise();
      expect(await rows.raise()).toMatchObject({ count: 2, send: 'now' });
      await rows.markSent(1);
      expect((await rows.readControl()).signal.state).toBe('raising');
      expect((await rows.raise()).send).not.toBe('no');
    });

    it('is muted by no such crash after an answered message either', async () => {
      const { rows, clock } = start();
      await rows.markSent((await rows.raise()).count);
      const lease = await held(rows);
      await lease.release({}, { sawSignal: true });
      clock.advance(5_000);
      expect((await rows.raise()).send).toBe('now');
      expect((await rows.raise()).send).toBe('now');
    });

    it('sends at most once a second, the rest at the end of it', async () => {
      const { rows, clock } = start();
      await rows.markSent((await rows.raise()).count);
      const lease = await held(rows);
      expect(await lease.release({}, { sawSignal: true })).toBe('released');
      clock.advance(400);
      expect(await rows.raise()).toEqual({ count: 2, send: 'delayed', delayMs: 600 });
      await rows.markSent(2);
      clock.advance(10_000);
      expect((await rows.raise()).send).toBe('no');
    });

    it('needs a new message once a finished run has answered the last one', async () => {
      const { rows, clock } = start();
      await rows.markSent((await rows.raise()).count);
      const lease = await held(rows);
      await lease.release({}, { sawSignal: true });
      clock.advance(5_000);
      expect(await rows.raise()).toEqual({ count: 2, send: 'now', delayMs: 0 });
    });

    it('holds back the release of a run that it was raised in', async () => {
      const { rows } = start();
      await rows.raise();
      const lease = await held(rows);
      expect(lease.control.signal.raised).toBe(1);
      await lease.commit([change(mapping('A', 'B'))]);
      await rows.raise();
      expect(await lease.release({ passOpen: false }, { sawSignal: true })).toBe('signalled');
      expect(lease.control.signal.raised).toBe(2);
      expect((await rows.take('run-2')).kind).toBe('busy');
      expect((await rows.readControl()).signal.seen).toBe(0);
      await lease.commit([change(mapping('A2', 'B2'))]);
      expect(await lease.release({}, { sawSignal: true })).toBe('released');
      expect((await rows.readControl()).signal).toMatchObject({ raised: 2, seen: 2 });
      expect((await rows.take('run-2')).kind).toBe('held');
    });

    it('holds back the release also when it is raised for the first time, or in the last moment', async () => {
      const faults = new FaultyTables(tables());
      const { rows } = storeTest(faults);
      const lease = await held(rows);
      faults.next(() => rows.raise());
      expect(await lease.release({}, { sawSignal: true })).toBe('signalled');
      expect(await lease.release({}, { sawSignal: true })).toBe('released');
    });

    it('lets a run end whose own message was marked as sent meanwhile', async () => {
      const { rows } = start();
      const { count } = await rows.raise();
      const lease = await held(rows);
      await rows.markSent(count);
      expect(await lease.release({}, { sawSignal: true })).toBe('released');
      expect((await rows.readControl()).signal).toMatchObject({
        raised: 1,
        seen: 1,
        state: 'queued',
      });
    });

    it('stays up after a narrowed or failed run', async () => {
      const { rows } = start();
      await rows.markSent((await rows.raise()).count);
      const lease = await held(rows);
      expect(await lease.release({ failures: 1 }, { sawSignal: false })).toBe('released');
      const { signal, lease: facts } = await rows.readControl();
      expect(signal).toMatchObject({ raised: 1, seen: 0 });
      expect(facts.failures).toBe(1);
    });

    it('lets go when forced, and counts only what was noted as seen', async () => {
      const { rows } = start();
      await rows.raise();
      const lease = await held(rows);
      await rows.raise();
      expect(await lease.release({}, { sawSignal: true, force: true })).toBe('released');
      expect((await rows.readControl()).signal).toMatchObject({ raised: 2, seen: 1 });
      expect((await rows.take('run-2')).kind).toBe('held');
    });

    it('lets go when forced though it is raised without a pause', async () => {
      const faults = new FaultyTables(tables());
      const { rows } = storeTest(faults);
      const lease = await held(rows);
      const raise = (): Promise<unknown> => rows.raise();
      faults.next(raise, 'none', raise, 'none', raise, 'none', raise, 'none', raise);
      expect(await lease.release({}, { force: true })).toBe('released');
      expect((await rows.take('run-2')).kind).toBe('held');
    });
  });
}
