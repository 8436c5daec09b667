import { expect, it } from 'vitest';
import { parseCall } from '../../simulation/call.ts';
import { Faults, type FaultName } from '../../simulation/faults.ts';
import { Random } from '../../simulation/random.ts';
import { GRAPH_URL } from '../../simulation/systems.ts';
import { Watch } from '../../simulation/watch.ts';

function watchWith(...faults: readonly FaultName[]): Watch {
  return new Watch(new Faults(new Set(faults), new Random(1), { rate: 0 }), ['t1']);
}

function write(rowKey: string, values: Record<string, string> = {}) {
  return { kind: 'upsert', row: { rowKey, values } } as const;
}

const lease = { rowKey: 'c:lease', values: { holder: 'run-2' }, etag: '1' };

it.each<[string, readonly ReturnType<typeof write>[], boolean]>([
  ['rows under a lease of its own', [write('c:lease', { holder: 'run-2' }), write('m:a:x')], true],
  ['the lease alone, which it takes', [write('c:lease', { holder: 'run-3' })], true],
  [
    'rows of a pair that another holds',
    [write('c:lease', { holder: 'run-1' }), write('m:a:x')],
    false,
  ],
  ['rows outside of a lease', [write('m:a:x')], true],
])('a run may write %s: %#', (_what, writes, isRight) => {
  const watch = watchWith();
  watch.fenced(lease, writes);
  expect(watch.violation?.invariant).toBe(isRight ? undefined : 'I11');
});

function createOf(transactionId: string) {
  const request = { id: '1', method: 'POST', url: '/users/r/events', body: { transactionId } };
  const http = new Request(`${GRAPH_URL}/v1.0/$batch`, { method: 'POST' });
  return parseCall(http, JSON.stringify({ requests: [request] }), 0);
}

function answerOf(status: number) {
  return { status: 200, headers: {}, text: JSON.stringify({ responses: [{ id: '1', status }] }) };
}

it('a key that made a copy is not used again', () => {
  const watch = watchWith();
  watch.creates(createOf('one'));
  watch.answered(createOf('one'), answerOf(503));
  watch.creates(createOf('one'));
  expect(watch.violation).toBeUndefined();
  watch.answered(createOf('one'), answerOf(201));
  watch.creates(createOf('two'));
  expect(watch.violation).toBeUndefined();
  watch.creates(createOf('one'));
  expect(watch.violation?.invariant).toBe('I12');
});

it('a process that may have died with the answer tries the same key again', () => {
  const watch = watchWith('crash');
  watch.answered(createOf('one'), answerOf(201));
  watch.creates(createOf('one'));
  expect(watch.violation).toBeUndefined();
});
