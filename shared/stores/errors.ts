import type { PairId } from '../model/ids.ts';
import type { Instant } from '../util/clock.ts';

/**
 * What storage can answer. `precondition-failed`: the row moved since the etag we named.
 * `conflict`: it exists already. `unavailable`: network, timeout, 429, 5xx; it may have been done.
 */
export type StorageFault =
  'not-found' | 'conflict' | 'precondition-failed' | 'too-large' | 'unavailable' | 'other';

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly kind: StorageFault;
  readonly status: number | undefined;
  /** The service's own error code, such as `TableNotFound`. */
  readonly code: string | undefined;

  constructor(
    kind: StorageFault,
    message: string,
    details: { status?: number; code?: string; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.status = details.status;
    this.code = details.code;
  }
}

/** Another holder has taken the pair. Not a fault: stop, the other one goes on from our commits. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly until: Instant | undefined;

  constructor(message: string, until?: Instant) {
    super(message);
    this.until = until;
  }
}

/** A stored row is not what we write. Names the row, for an operator to look at or remove. */
export class DamagedRowError extends Error {
  override readonly name = 'DamagedRowError';
  readonly partitionKey: string;
  readonly rowKey: string;

  constructor(partitionKey: string, rowKey: string, problem: string) {
    super(`the stored row ${partitionKey} / ${rowKey} is damaged: ${problem}`);
    this.partitionKey = partitionKey;
    this.rowKey = rowKey;
  }
}

/** These two resources are mirrored already. */
export class DuplicatePairError extends Error {
  override readonly name = 'DuplicatePairError';
  readonly pairId: PairId;

  constructor(pairId: PairId) {
    super(`the resource mapping ${pairId} of these two resources exists already`);
    this.pairId = pairId;
  }
}
