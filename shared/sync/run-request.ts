import type { PairId, RunId, TenantId } from '../model/ids.ts';
import { QUEUES, type SyncJob } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { RunStore } from '../stores/ports.ts';
import type { Clock, Instant } from '../util/clock.ts';
import { sendChecks } from './deletion-checks.ts';
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

/** The run becomes a job again, a queued one under its id. */
export async function putOff(ports: ResendPorts, request: RunRequest, at: Instant): Promise<void> {
  const runId = queuedIdOf(request);
  if (runId !== undefined) await ports.runs.queued(request.tenantId, request.pairId, runId);
  await resend(ports, request, at, runId);
}

/** What a job asks for. */
export function optionsOf({ complete, quiet, options = {} }: SyncJob): RunOptions {
  const { range, retry, ...narrowing } = options;
  return {
    ...narrowing,
    ...(retry === undefined ? {} : { retry: retry as NonNullable<RunOptions['retry']> }),
    ...(range === undefined ? {} : { range: range as NonNullable<RunOptions['range']> }),
    ...(complete === true ? { complete: true } : {}),
    ...(quiet === undefined ? {} : { quiet }),
  };
}

/** What of a run's narrowing, and of what it tries again, its job carries; undefined where it is of the whole pair. */
export function narrowingOf(options: RunOptions): SyncJob['options'] {
  const { target, skipUpdates, handleDeletions, range, retry } = options;
  const narrowing = {
    ...(target === undefined ? {} : { target }),
    ...(skipUpdates === true ? { skipUpdates } : {}),
    ...(handleDeletions === false ? { handleDeletions } : {}),
    ...(range === undefined ? {} : { range }),
    ...(retry === undefined ? {} : { retry: retry === 'all' ? retry : [...retry] }),
  };
  return Object.keys(narrowing).length === 0 ? undefined : narrowing;
}

/**
 * One more job for the pair, at a time, for just what was asked. None after a dry run. Where another
 * run holds the pair and nobody waits for this one, the signal's job is of the whole pair.
 */
export async function resend(
  { clock, queue }: ResendPorts,
  { tenantId, pairId, signal, options }: RunRequest,
  at: Instant,
  runId?: RunId,
): Promise<void> {
  if (options.dryRun === true) return;
  const delayMs = Math.max(0, at - clock.now());
  if (options.look !== undefined) {
    await sendChecks(queue, { tenantId, pairId, mappingIds: options.look, delayMs });
    return;
  }
  const isForSignal = signal !== undefined && runId === undefined;
  const narrowing = isForSignal ? undefined : narrowingOf(options);
  await queue.send(
    QUEUES.sync,
    {
      v: 1,
      kind: 'sync',
      tenantId,
      pairId,
      cause: 'resend',
      ...(runId === undefined ? {} : { runId }),
      ...(narrowing === undefined ? {} : { options: narrowing }),
      // A narrowed run answers no signal.
      ...(signal === undefined || narrowing !== undefined ? {} : { signal }),
      ...(options.complete === true ? { complete: true } : {}),
    },
    { delayMs },
  );
}
