import {
  failedIdOf,
  FailedWorkError,
  type Asker,
  type FailedWork,
  type FailedWorkPort,
  type PoisonMessage,
  type Retry,
} from '../model/failed-work.ts';
import type { MappingId, PairId, RunId, TenantId } from '../model/ids.ts';
import { SIDES } from '../model/ids.ts';
import { parkedOf, type EventMapping } from '../model/mapping.ts';
import { isRunnable, type Pair } from '../model/pair.ts';
import { JobSchema, QUEUES } from '../queues/messages.ts';
import type { QueueName, QueueSender } from '../queues/ports.ts';
import { mapBounded } from '../stores/bounded.ts';
import type { AuditStore, PairStore, RunStore, SyncStore, WorkStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';

export interface FailedWorkPorts {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly pairs: PairStore;
  readonly work: WorkStore;
  readonly runs: RunStore;
  readonly audit: AuditStore;
  readonly queue: Pick<QueueSender, 'send'>;
  readonly newRunId: () => RunId;
}

const READS_AT_ONCE_MAX = 16;

/** What failed is read where it is decided on: in the rows of its pair, and in the parked messages. */
export class FailedWorkService implements FailedWorkPort {
  readonly #ports: FailedWorkPorts;

  constructor(ports: FailedWorkPorts) {
    this.#ports = ports;
  }

  async list(tenantId: TenantId): Promise<readonly FailedWork[]> {
    const { pairs, work } = this.#ports;
    const active = (await pairs.list(tenantId)).filter(({ active }) => active);
    const ofPairs = await mapBounded(active, READS_AT_ONCE_MAX, (pair) => this.#ofPair(pair));
    const messages = (await work.listPoison(tenantId)).filter(({ state }) => state === 'open');
    return [...ofPairs.flat(), ...messages.map((one) => ({ kind: 'message' as const, ...one }))];
  }

  async #ofPair(pair: Pair): Promise<readonly FailedWork[]> {
    const rows = this.#ports.store.forPair(pair.tenantId, pair.id);
    const found: FailedWork[] = [];
    if (pair.status === 'error') {
      const { failures, failingSince, retryAt } = (await rows.readControl()).lease;
      if (failures > 0)
        found.push({
          kind: 'pair',
          pairId: pair.id,
          attempts: failures,
          since: failingSince ?? pair.lastRunAt ?? pair.updatedAt,
          ...(retryAt === undefined ? {} : { nextTryAt: retryAt }),
          reason: pair.statusReason ?? 'its last run failed',
        });
    }
    if ((pair.parkedEvents ?? 0) === 0) return found;
    const marks = await rows.loadParked();
    const mappings = await rows.loadMappings(marks.map(({ mappingId }) => mappingId));
    return [...found, ...mappings.flatMap((mapping) => failedEvent(pair.id, mapping))];
  }

  async retry(tenantId: TenantId, id: string, asker: Asker): Promise<Retry | undefined> {
    const work = await this.#find(tenantId, id);
    switch (work.kind) {
      case 'event':
        return await this.retryPair(tenantId, work.pairId, [work.mappingId], asker);
      case 'pair':
        return await this.retryPair(tenantId, work.pairId, 'all', asker);
      case 'message':
        await this.#sendAgain(tenantId, work, asker);
        return undefined;
    }
  }

  async retryPair(
    tenantId: TenantId,
    pairId: PairId,
    events: readonly MappingId[] | 'all',
    asker: Asker,
  ): Promise<Retry> {
    const pair = (await this.#ports.pairs.get(tenantId, pairId))?.pair;
    if (pair?.active !== true) throw new FailedWorkError('unknown', `there is no pair ${pairId}`);
    if (!pair.syncEnabled)
      throw new FailedWorkError('paused', 'the pair is paused: resume it first');
    await this.#note(tenantId, 'retry', pairId, asker);
    return await this.#queueRun(tenantId, pairId, events);
  }

  async retryAll(tenantId: TenantId, asker: Asker): Promise<readonly Retry[]> {
    const failed = await this.list(tenantId);
    const messages = failed.filter((one) => one.kind === 'message');
    const waiting = new Set(failed.flatMap((one) => (one.kind === 'message' ? [] : [one.pairId])));
    const all = (await this.#ports.pairs.list(tenantId)).filter(isRunnable);
    await this.#note(tenantId, 'retry', 'everything that failed', asker);
    for (const message of messages)
      if (message.text !== undefined) await this.#sendAgain(tenantId, message, asker);
    const retries: Retry[] = [];
    for (const { id } of all)
      if (waiting.has(id)) retries.push(await this.#queueRun(tenantId, id, 'all'));
    return retries;
  }

  async dismiss(tenantId: TenantId, id: string, asker: Asker): Promise<void> {
    const work = await this.#find(tenantId, id);
    if (work.kind !== 'message')
      throw new FailedWorkError(
        'not-a-message',
        'only a message can be dismissed: an event or a pair is tried until it works',
      );
    await this.#note(tenantId, 'dismiss', id, asker);
    await this.#settle(tenantId, work, 'dismissed');
  }

  async #find(tenantId: TenantId, id: string): Promise<FailedWork> {
    const found = (await this.list(tenantId)).find((work) => failedIdOf(work) === id);
    if (found === undefined)
      throw new FailedWorkError('unknown', `nothing that failed is named ${id}`);
    return found;
  }

  /** Sent first: died in between, it is sent twice, which a job bears, and not lost. */
  async #sendAgain(tenantId: TenantId, message: PoisonMessage, asker: Asker): Promise<void> {
    const { queue } = this.#ports;
    const name = Object.values(QUEUES).find((one) => one === message.queue);
    if (message.text === undefined || name === undefined)
      throw new FailedWorkError('unreadable', 'it is none of ours: dismiss it');
    await this.#note(tenantId, 'retry', `message:${message.id}`, asker);
    // What came from outside was checked when it was parked, and is a job of ours since.
    const to = name === QUEUES.bookingEvents ? QUEUES.sync : name;
    await queue.send(to satisfies QueueName, JobSchema.parse(JSON.parse(message.text)));
    await this.#settle(tenantId, message, 'sent-again');
  }

  async #settle(
    tenantId: TenantId,
    { id, queue, job, pairId, text, firstAt, lastAt, times }: PoisonMessage,
    state: PoisonMessage['state'],
  ): Promise<void> {
    const about = pairId === undefined ? {} : { pairId };
    const again = text === undefined ? {} : { text };
    const row = { id, queue, job, ...about, ...again, state, firstAt, lastAt, times };
    await this.#ports.work.putPoison(tenantId, row);
  }

  async #queueRun(
    tenantId: TenantId,
    pairId: PairId,
    retry: readonly MappingId[] | 'all',
  ): Promise<Retry> {
    const { runs, queue, newRunId } = this.#ports;
    const runId = newRunId();
    await runs.queued(tenantId, pairId, runId);
    const options = { retry: retry === 'all' ? retry : [...retry] };
    const job = { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', runId, options } as const;
    await queue.send(QUEUES.sync, job);
    return { pairId, runId };
  }

  async #note(tenantId: TenantId, what: string, targetId: string, asker: Asker): Promise<void> {
    const { audit, clock } = this.#ports;
    await audit.append(tenantId, [{ at: clock.now(), what, targetId, ...asker }]);
  }
}

function failedEvent(pairId: PairId, mapping: EventMapping): readonly FailedWork[] {
  const parked = parkedOf(mapping);
  if (parked === undefined) return [];
  const { attempts, since, nextTryAt } = parked;
  const ids = Object.fromEntries(
    SIDES.flatMap((side) => {
      const id = mapping[side]?.id;
      return id === undefined ? [] : [[side, id] as const];
    }),
  );
  const { id: mappingId, reason = 'it failed' } = mapping;
  return [{ kind: 'event', pairId, mappingId, ids, attempts, since, nextTryAt, reason }];
}
