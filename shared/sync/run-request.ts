import type { PairId, RunId, TenantId } from '../model/ids.ts';
import { QUEUES, type SyncJob } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { RunStore } from '../stores/ports.ts';
import type { Clock, Instant } from '../util/clock.ts';
import type { RunOptions } from './run-report.ts';

/** A run asked for by a job, or by a person who waits for it. */
export interface RunRequest {
  readonly tenantId: TenantId;
  readonly pairId: PairId;
  readonly cause: SyncJob['cause'];
  readonly runId?: RunId;
  /** It came off the queue: where it cannot be done now, it goes back there. */
  readonly isQueued?: true;
  readonly signal?: number;
  readonly options: RunOptions;
}

interface ResendPorts {
  readonly clock: Clock;
  readonly queue: QueueSender;
  readonly runs: RunStore;
}

/** The id of a run that somebody waits for while it is on the queue. */
export function queuedIdOf({ runId, isQueued }: RunRequest): RunId | undefined {
  return isQueued === true ? runId : undefined;
}

/** The whole run becomes a job again, a queued one under its id. */
export async function putOff(ports: ResendPorts, request: RunRequest, at: Instant): Promise<void> {
  const runId = queuedIdOf(request);
  if (runId !== undefined) await ports.runs.queued(request.tenantId, request.pairId, runId);
  await resend(ports, request, at, runId);
}

/** One more job for the pair, at a time. None after a dry run. */
export async function resend(
  { clock, queue }: ResendPorts,
  { tenantId, pairId, signal, options }: RunRequest,
  at: Instant,
  runId?: RunId,
): Promise<void> {
  if (options.dryRun === true) return;
  await queue.send(
    QUEUES.sync,
    {
      v: 1,
      kind: 'sync',
      tenantId,
      pairId,
      cause: 'resend',
      ...(runId === undefined ? {} : { runId }),
      ...(signal === undefined ? {} : { signal }),
      ...(options.complete === true ? { complete: true } : {}),
    },
    { delayMs: Math.max(0, at - clock.now()) },
  );
}
