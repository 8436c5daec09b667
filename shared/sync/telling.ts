import type { RunId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { PairStore, SyncLogStore, WorkStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { CHECK_AFTER_MS, sendChecks } from './deletion-checks.ts';
import type { PassResult } from './pass.ts';
import { logEntriesOf } from './reporting.ts';
import { countOf, holdsIn } from './tenant-brake.ts';

export interface TellPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pairs: PairStore;
  readonly syncLog: SyncLogStore;
  readonly work: WorkStore;
  readonly queue: QueueSender;
}

/** Records what a pass did, where people and lists look; sends the looks that it asks for. */
export async function tellPass(
  { clock, logger, pairs, syncLog, work, queue }: TellPorts,
  pair: Pair,
  runId: RunId,
  result: PassResult,
): Promise<void> {
  const { tenantId, id: pairId } = pair;
  const now = clock.now();
  for (const hold of holdsIn(result.holdEvents)) await work.putHold(tenantId, hold);
  if (result.brakes !== undefined) await work.putBrakeCount(tenantId, countOf(pair, result.brakes));
  const entries = logEntriesOf(result, { at: now, runId, pairId });
  if (entries.length > 0) await syncLog.append(tenantId, entries);
  const { missed: mappingIds } = result;
  await sendChecks(queue, { tenantId, pairId, mappingIds, delayMs: CHECK_AFTER_MS });
  await pairs.recordRun(tenantId, pairId, {
    status: result.status,
    ...(result.statusReason === undefined ? {} : { statusReason: result.statusReason }),
    lastRunAt: now,
    ...(result.finished ? { lastSyncedAt: now } : {}),
    ...(result.mapped === undefined ? {} : { mappedEvents: result.mapped }),
    parkedEvents: result.parked,
  });
  logger.info('run finished', {
    tenantId,
    pairId,
    runId,
    found: result.found.a + result.found.b,
    actions: entries.length,
    refused: result.refusals.length,
    parked: result.parked,
    finished: result.finished,
    status: result.status,
  });
}
