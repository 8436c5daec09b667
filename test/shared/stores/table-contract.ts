import { describe, expect, it } from 'vitest';
import { prefixRange } from '../../../shared/stores/keys.ts';
import type { RowWrite, Table, Tables, Value } from '../../../shared/stores/table.ts';

const upsert = (rowKey: string, values: Record<string, Value> = { n: 1 }): RowWrite => ({
  kind: 'upsert',
  row: { rowKey, values },
});
const insert = (rowKey: string): RowWrite => ({ kind: 'insert', row: { rowKey, values: {} } });
const replace = (rowKey: string, etag: string, values = { n: 2 }): RowWrite => ({
  kind: 'replace',
  row: { rowKey, values },
  etag,
});

/** What every kind of table keeps to, and the stores lean on. */
export function describeTable(name: string, tables: () => Tables): void {
  describe(`tables (${name})`, () => {
    let partitions = 0;
    const partition = (): { table: Table; pk: string } => {
      partitions += 1;
      return { table: tables().table('sync'), pk: `table-contract:${partitions}` };
    };

    it('gives back what was written, with its etag', async () => {
      const { table, pk } = partition();
      const values = { text: 'Møte "1"; {x} <&> \n\t\u{1f4c5}', n: -5, yes: true, empty: '' };
      const [etag] = await table.write(pk, [upsert('m:a:x', values)]);
      expect(await table.get(pk, 'm:a:x')).toEqual({ rowKey: 'm:a:x', values, etag });
      expect(await table.get(pk, 'm:a:y')).toBeUndefined();
      expect(await table.get('nobody', 'm:a:x')).toBeUndefined();
    });

    it('refuses a transaction whole when one of its rows has moved', async () => {
      const { table, pk } = partition();
      const [stale = ''] = await table.write(pk, [upsert('c:lease')]);
      await table.write(pk, [upsert('c:lease', { n: 7 })]);
      const write = table.write(pk, [upsert('m:1'), replace('c:lease', stale), upsert('m:2')]);
      await expect(write).rejects.toMatchObject({ kind: 'precondition-failed', status: 412 });
      const rows = await table.list(pk, { from: '', to: '~' });
      expect(rows.map(({ rowKey, values }) => [rowKey, values])).toEqual([['c:lease', { n: 7 }]]);
    });

    it('refuses an insert of what is there and a replace of what is not', async () => {
      const { table, pk } = partition();
      const [etag = ''] = await table.write(pk, [insert('c:lease')]);
      await expect(table.write(pk, [upsert('m:1'), insert('c:lease')])).rejects.toMatchObject({
        kind: 'conflict',
      });
      await expect(table.write(pk, [upsert('m:1'), replace('c:x', etag)])).rejects.toMatchObject({
        kind: 'not-found',
      });
      expect(await table.get(pk, 'm:1')).toBeUndefined();
    });

    it('answers the etag that the next replace needs', async () => {
      const { table, pk } = partition();
      let [, etag = ''] = await table.write(pk, [insert('m:1'), insert('c:lease')]);
      for (let round = 0; round < 3; round += 1)
        [, etag = ''] = await table.write(pk, [upsert(`m:${round}`), replace('c:lease', etag)]);
      expect((await table.get(pk, 'c:lease'))?.etag).toBe(etag);
    });

    it('replaces whole rows and merges named values', async () => {
      const { table, pk } = partition();
      await table.write(pk, [upsert('one', { a: 1, b: 'x' }), upsert('two', { a: 1, b: 'x' })]);
      await table.write(pk, [
        upsert('one', { a: 2 }),
        { kind: 'merge', row: { rowKey: 'two', values: { a: 2 } } },
        { kind: 'merge', row: { rowKey: 'three', values: { a: 3 } } },
      ]);
      expect((await table.get(pk, 'one'))?.values).toEqual({ a: 2 });
      expect((await table.get(pk, 'two'))?.values).toEqual({ a: 2, b: 'x' });
      expect((await table.get(pk, 'three'))?.values).toEqual({ a: 3 });
    });

    it('lists a prefix in order, past one page, and only as far as asked', async () => {
      const { table, pk } = partition();
      const keys = Array.from({ length: 1_150 }, (_, n) => `m:${String(n).padStart(5, '0')}`);
      const others = ['c:lease', 'l:zz', 'm', 'n:0', 'm;'];
      const writes = [...others, ...keys].reverse().map((key) => upsert(key));
      for (let from = 0; from < writes.length; from += 100)
        await table.write(pk, writes.slice(from, from + 100));
      const all = await table.list(pk, prefixRange('m:'));
      expect(all.map(({ rowKey }) => rowKey)).toEqual(keys);
      const some = await table.list(pk, { ...prefixRange('m:'), limit: 1_001 });
      expect(some.map(({ rowKey }) => rowKey)).toEqual(keys.slice(0, 1_001));
      expect(await table.list(pk, { ...prefixRange('m:'), limit: 0 })).toEqual([]);
    });

    it('filters by equal values, quotes in them too', async () => {
      const { table, pk } = partition();
      const odd = "it's' or 'a' eq 'a";
      await table.write(pk, [
        upsert('m:1', { who: odd }),
        upsert('m:2', { who: 'x' }),
        upsert('m:3'),
      ]);
      const found = await table.list(pk, { ...prefixRange('m:'), equals: { who: odd } });
      expect(found.map(({ rowKey }) => rowKey)).toEqual(['m:1']);
    });

    it('takes 100 rows at once and refuses what no service would take', async () => {
      const { table, pk } = partition();
      const many = Array.from({ length: 101 }, (_, n) => upsert(`m:${n}`));
      expect(await table.write(pk, many.slice(0, 100))).toHaveLength(100);
      expect(await table.write(pk, [])).toEqual([]);
      await expect(table.write(pk, many)).rejects.toMatchObject({ kind: 'too-large' });
      await expect(table.write(pk, [upsert('m:1'), upsert('m:1')])).rejects.toMatchObject({
        kind: 'other',
      });
      const long = 'x'.repeat(32_769);
      await expect(table.write(pk, [upsert('m:1', { long })])).rejects.toMatchObject({
        kind: 'too-large',
      });
      for (const key of ['a/b', 'a\\b', 'a#b', 'a?b', 'a\tb', 'x'.repeat(513)])
        await expect(table.write(pk, [upsert(key)])).rejects.toMatchObject({ kind: 'other' });
    });

    it('says that a table is missing, and makes one that is there already without a word', async () => {
      const missing = tables().table('log190001');
      const shape = { kind: 'not-found', code: 'TableNotFound' };
      await expect(missing.get('pk', 'x')).rejects.toMatchObject(shape);
      await expect(missing.list('pk', prefixRange('m:'))).rejects.toMatchObject(shape);
      await expect(missing.write('pk', [upsert('m:1')])).rejects.toMatchObject(shape);
      await tables().ensureTable('sync');
      await tables().ensureTable('sync');
    });

    it('lets one of several parallel writers of one etag win', async () => {
      const { table, pk } = partition();
      const [first = ''] = await table.write(pk, [insert('c:lease')]);
      let etag = first;
      for (let round = 0; round < 10; round += 1) {
        const tries = Array.from({ length: 6 }, (_, n) =>
          table.write(pk, [upsert(`m:${round}:${n}`), replace('c:lease', etag)]),
        );
        const settled = await Promise.allSettled(tries);
        const won = settled.filter((result) => result.status === 'fulfilled');
        expect(won).toHaveLength(1);
        expect(await table.list(pk, prefixRange(`m:${round}:`))).toHaveLength(1);
        etag = won[0]?.value[1] ?? '';
      }
    });
  });
}
