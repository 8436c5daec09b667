import type { Clock, Instant } from '../util/clock.ts';
import { fromSignalRow, NO_SIGNAL, toSignalRow } from './control-rows.ts';
import { StorageError } from './errors.ts';
import { CONTROL } from './keys.ts';
import type { RaisedSignal, SignalRow } from './ports.ts';
import type { RowWrite, Table } from './table.ts';

/** A message older than this is taken for lost. */
const QUEUED_SUPPRESSES_MS = 120_000;
/** At most one message a pair in this time; the rest of a burst rides on it. */
const SEND_INTERVAL_MS = 1_000;
/** Each round of a race has a winner, so this is how many may raise one signal at once. */
const RACE_ROUNDS_MAX = 100;

interface SignalContext {
  readonly table: Table;
  readonly partitionKey: string;
  readonly clock: Clock;
}

/** Counts up, and says whether a message must go out for it. */
export async function raiseSignal(context: SignalContext): Promise<RaisedSignal> {
  return changeSignal<RaisedSignal>(context, (signal) => {
    const now = context.clock.now();
    const raised = signal.raised + 1;
    if (isMessageOnItsWay(signal, now))
      return { signal: { ...signal, raised }, answer: { count: raised, send: 'no', delayMs: 0 } };
    const sinceSentMs = signal.sentAt === undefined ? Infinity : Math.abs(now - signal.sentAt);
    const delayMs = Math.max(0, SEND_INTERVAL_MS - sinceSentMs);
    return {
      signal: { ...signal, raised, state: 'raising' },
      answer: { count: raised, send: delayMs > 0 ? 'delayed' : 'now', delayMs },
    };
  });
}

/**
 * Notes that the message of `count` was sent. Where the signal was raised again meanwhile, the
 * state stays `raising`: that caller's message may still be lost.
 */
export async function markSignalSent(context: SignalContext, count: number): Promise<void> {
  await changeSignal(context, (signal) => ({
    signal: {
      ...signal,
      sentAt: context.clock.now(),
      state: signal.raised === count ? 'queued' : signal.state,
    },
    answer: undefined,
  }));
}

/**
 * Only a message that was surely sent, not long ago, and that no finished run has answered may
 * stand for another one. Hosts' clocks differ, so the age counts either way.
 */
function isMessageOnItsWay({ state, sentAt, raised, seen }: SignalRow, now: Instant): boolean {
  return (
    state === 'queued' &&
    raised > seen &&
    sentAt !== undefined &&
    Math.abs(now - sentAt) < QUEUED_SUPPRESSES_MS
  );
}

async function changeSignal<T>(
  { table, partitionKey }: SignalContext,
  change: (signal: SignalRow) => { signal: SignalRow; answer: T },
): Promise<T> {
  for (let round = 0; round < RACE_ROUNDS_MAX; round += 1) {
    const stored = await table.get(partitionKey, CONTROL.signal);
    const { signal, answer } = change(stored ? fromSignalRow(partitionKey, stored) : NO_SIGNAL);
    const row = toSignalRow(signal);
    const write: RowWrite = stored
      ? { kind: 'replace', row, etag: stored.etag }
      : { kind: 'insert', row };
    try {
      await table.write(partitionKey, [write]);
      return answer;
    } catch (error) {
      if (!isRace(error)) throw error;
    }
  }
  throw new StorageError('conflict', `the signal of ${partitionKey} is raised by too many at once`);
}

/** The row was changed or made by another one since it was read. */
export function isRace(error: unknown): boolean {
  return (
    error instanceof StorageError &&
    (error.kind === 'precondition-failed' || error.kind === 'conflict')
  );
}
