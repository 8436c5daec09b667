import { isMissed, type EventMapping } from '../model/mapping.ts';
import type { PairRows } from './ports.ts';

/** The events of a pair that are missed. Its rows are read only where there are some. */
export async function loadMissed(rows: PairRows): Promise<readonly EventMapping[]> {
  const { lease } = await rows.readControl();
  return lease.missed === 0 ? [] : (await rows.loadAll()).filter(isMissed);
}
