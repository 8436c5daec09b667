import { SIDES, type Endpoint, type TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import type { SignalRow } from '../stores/ports.ts';
import type { PassResult } from './pass.ts';
import type { RunRequest } from './run-request.ts';

/** Told of changes that were found where they should have been announced. */
export interface PushWatch {
  /** @throws StorageError */
  unannounced(tenantId: TenantId, end: Endpoint): Promise<void>;
}

/** Says so, where a timer's pass found changes of which no notice had raised the pair's signal. */
export async function tellUnannounced(
  push: PushWatch,
  { cause }: Pick<RunRequest, 'cause'>,
  pair: Pair,
  { changedOn }: Pick<PassResult, 'changedOn'>,
  { raised, seen }: Pick<SignalRow, 'raised' | 'seen'>,
): Promise<void> {
  if (cause !== 'timer' || raised !== seen) return;
  for (const side of SIDES)
    if (changedOn.includes(side)) await push.unannounced(pair.tenantId, pair[side]);
}
