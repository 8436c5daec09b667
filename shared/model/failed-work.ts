import type { Instant } from '../util/clock.ts';
import type { ExternalId, MappingId, PairId, RunId, Side, TenantId } from './ids.ts';

/** A message that its consumer could not handle, five times over. */
export interface PoisonMessage {
  /** Hash of its queue and its text: sent again in the same words, it is the same one. */
  readonly id: string;
  readonly queue: string;
  /** The kind of job that it is; `unreadable` where it is none of ours. */
  readonly job: string;
  readonly pairId?: PairId;
  /** The message as it can be sent again; absent where it is unreadable. Ids only, no content. */
  readonly text?: string;
  readonly state: 'open' | 'sent-again' | 'dismissed';
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** How often it failed for good. */
  readonly times: number;
}

/** Something that did not work and is not done: an event, a pair, or a message. */
export type FailedWork =
  | {
      readonly kind: 'event';
      readonly pairId: PairId;
      readonly mappingId: MappingId;
      readonly ids: Readonly<Partial<Record<Side, ExternalId>>>;
      readonly attempts: number;
      readonly since: Instant;
      readonly nextTryAt: Instant;
      readonly reason: string;
    }
  | {
      readonly kind: 'pair';
      readonly pairId: PairId;
      /** Passes that failed in a row. */
      readonly attempts: number;
      readonly since: Instant;
      /** Absent where it is tried at the next tick. */
      readonly nextTryAt?: Instant;
      readonly reason: string;
    }
  | ({ readonly kind: 'message' } & PoisonMessage);

/** Under which one piece of failed work is named; its parts are safe in paths. */
export function failedIdOf(work: FailedWork): string {
  switch (work.kind) {
    case 'event':
      return `event:${work.pairId}:${work.mappingId}`;
    case 'pair':
      return `pair:${work.pairId}`;
    case 'message':
      return `message:${work.id}`;
  }
}

/** `not-a-message`: only a message can be dismissed. `unreadable`: it cannot be sent again. */
export type FailedWorkFault = 'unknown' | 'paused' | 'not-a-message' | 'unreadable';

export class FailedWorkError extends Error {
  override readonly name = 'FailedWorkError';
  readonly kind: FailedWorkFault;

  constructor(kind: FailedWorkFault, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Who asks, for the audit: never a key. */
export interface Asker {
  readonly who: string;
  readonly requestId: string;
}

/** A run that was queued to try something again. */
export interface Retry {
  readonly pairId: PairId;
  readonly runId: RunId;
}

/** What failed and rests, as people see it and set it going again. */
export interface FailedWorkPort {
  list(tenantId: TenantId): Promise<readonly FailedWork[]>;
  /**
   * Tries one again at once; a message without a pair goes back to its queue, and no run is named.
   * @throws FailedWorkError
   */
  retry(tenantId: TenantId, id: string, asker: Asker): Promise<Retry | undefined>;
  /** All of a pair, or the named events of it. @throws FailedWorkError `unknown`, `paused` */
  retryPair(
    tenantId: TenantId,
    pairId: PairId,
    events: readonly MappingId[] | 'all',
    asker: Asker,
  ): Promise<Retry>;
  retryAll(tenantId: TenantId, asker: Asker): Promise<readonly Retry[]>;
  /** Takes a message off the list; nothing is done about it. @throws FailedWorkError */
  dismiss(tenantId: TenantId, id: string, asker: Asker): Promise<void>;
}
