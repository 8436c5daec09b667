import { silentLogger, type Logger } from '../../util/logger.ts';
import type { Clock } from '../../util/clock.ts';
import { makeStores, type Stores } from '../stores.ts';
import { MemoryTables } from './memory-tables.ts';

export interface MemoryStoresOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly leaseTtlMs?: number;
}

/** The stores on tables in memory: ready to use, and the same in each run of the same calls. */
export async function makeMemoryStores({
  logger = silentLogger,
  ...options
}: MemoryStoresOptions): Promise<Stores> {
  let commits = 0;
  const newCommitId = (): string => `commit-${(commits += 1)}`;
  const stores = makeStores(new MemoryTables(), { ...options, logger, newCommitId });
  await stores.ensureTables();
  return stores;
}
