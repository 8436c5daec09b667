import { SIDES, type Endpoint, type TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import type { LeaseFacts } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import type { PassResult } from './pass.ts';

/** Told of changes that were found in a resource, and have come after `readAt`. */
export interface PushWatch {
  /** @throws StorageError */
  found(tenantId: TenantId, end: Endpoint, readAt: Instant): Promise<void>;
}

/** Says so of each side where a pass found changes since the one before it. */
export async function tellFound(
  push: PushWatch,
  pair: Pair,
  { changedOn }: Pick<PassResult, 'changedOn'>,
  { readAt }: Pick<LeaseFacts, 'readAt'>,
): Promise<void> {
  if (readAt === undefined) return;
  for (const side of SIDES)
    if (changedOn.includes(side)) await push.found(pair.tenantId, pair[side], readAt);
}
