import { hashOf, SERVICE, type PairId, type RunId, type TenantId } from '../model/ids.ts';
import { readBookingEvent } from '../queues/booking-event.ts';
import { JobSchema, QUEUES, type Job } from '../queues/messages.ts';
import type { AlertStore, PairStore, RunStore, WorkStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';

export interface PoisonPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pairs: PairStore;
  readonly runs: RunStore;
  readonly work: Pick<WorkStore, 'getPoison' | 'putPoison'>;
  readonly alerts: AlertStore;
}

const MESSAGE = 'a job of this pair failed again and again; the log says why';

/**
 * Keeps a message that its consumer could not handle, five times over, and raises an alert. A pair is
 * marked `error`, where people look; its next timer job tries it again, and a run that succeeds clears
 * the mark. Whoever waits for the run hears that it failed.
 * @param received as the host hands it on: parsed where it is JSON
 * @throws StorageError: the message then comes again
 */
export async function parkMessage(
  queue: string,
  received: unknown,
  ports: PoisonPorts,
): Promise<void> {
  // What comes from outside has a form of its own, and is kept as the job that it means.
  const job =
    queue === QUEUES.bookingEvents
      ? readBookingEvent(received)
      : JobSchema.safeParse(received).data;
  const tenantId = (job?.tenantId as TenantId | undefined) ?? SERVICE;
  const pairId = job !== undefined && 'pairId' in job ? (job.pairId as PairId) : undefined;
  await keep(queue, received, job, { tenantId, pairId }, ports);
  ports.logger.error('a message failed for good, and was parked', {
    queue,
    tenantId,
    kind: job?.kind ?? 'unreadable',
    ...(pairId === undefined ? {} : { pairId }),
  });
  if (pairId !== undefined) await markPair(tenantId, pairId, job, ports);
}

async function keep(
  queue: string,
  received: unknown,
  job: Job | undefined,
  { tenantId, pairId }: { readonly tenantId: TenantId; readonly pairId: PairId | undefined },
  { clock, work, alerts }: PoisonPorts,
): Promise<void> {
  const now = clock.now();
  const text = JSON.stringify(received) ?? '';
  const id = hashOf(`${queue}\n${text}`).slice(0, 22);
  const before = await work.getPoison(tenantId, id);
  const firstAt = before?.state === 'open' ? before.firstAt : now;
  const times = (before?.state === 'open' ? before.times : 0) + 1;
  await work.putPoison(tenantId, {
    id,
    queue,
    job: job?.kind ?? 'unreadable',
    ...(pairId === undefined ? {} : { pairId }),
    // What is none of ours may hold anything, and is not kept.
    ...(job === undefined ? {} : { text: JSON.stringify(job) }),
    state: 'open',
    firstAt,
    lastAt: now,
    times,
  });
  await alerts.put(tenantId, {
    kind: 'poison-message',
    subject: `message:${id}`,
    message:
      `a message of the queue ${queue} failed for good and is parked as message:${id}; the log says ` +
      'why; once that is mended, retry it (POST /bridges/queue/{id}/retry), or dismiss it',
    raisedAt: firstAt,
    lastAt: now,
    times,
  });
}

async function markPair(
  tenantId: TenantId,
  pairId: PairId,
  job: Job | undefined,
  { clock, pairs, runs }: PoisonPorts,
): Promise<void> {
  if ((await pairs.get(tenantId, pairId)) === undefined) return;
  const now = clock.now();
  await pairs.recordRun(tenantId, pairId, {
    status: 'error',
    statusReason: MESSAGE,
    lastRunAt: now,
  });
  if (job?.kind !== 'sync' || job.runId === undefined) return;
  await runs.put(tenantId, {
    runId: job.runId as RunId,
    pairId,
    cause: job.cause,
    outcome: 'failed',
    dryRun: false,
    found: { a: 0, b: 0 },
    actions: [],
    error: { kind: 'internal', message: MESSAGE },
    startedAt: now,
    durationMs: 0,
  });
}
