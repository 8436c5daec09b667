import type { BridgeKey, PairId, TenantId } from '../model/ids.ts';
import { isRunnable } from '../model/pair.ts';
import { QUEUES, type NoticeJob, type SyncJob } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { PairStore, SubscriptionStore, SyncStore } from '../stores/ports.ts';
import type { Logger } from '../util/logger.ts';
import type { SubscriptionManager } from './subscription-manager.ts';

export interface NoticePorts {
  readonly logger: Logger;
  readonly pairs: PairStore;
  readonly store: SyncStore;
  readonly subscriptions: SubscriptionStore;
  readonly queue: QueueSender;
  readonly manager: Pick<SubscriptionManager, 'renew' | 'lost'>;
}

/**
 * What follows from notices: the pairs of their resources are looked at, each once however many there
 * are. What a notice says of an event is not believed: the pass reads the truth.
 */
export class NoticeHandler {
  readonly #ports: NoticePorts;

  constructor(ports: NoticePorts) {
    this.#ports = ports;
  }

  /** @throws StorageError, QueueError: the message then comes again. */
  async handle({ tenantId, bridge, notices }: NoticeJob): Promise<void> {
    const tenant = tenantId as TenantId;
    const key = bridge as BridgeKey;
    for (const notice of notices) await this.#one(tenant, key, notice);
  }

  async #one(
    tenantId: TenantId,
    bridge: BridgeKey,
    { resourceHash, subscriptionId, lifecycle }: NoticeJob['notices'][number],
  ): Promise<void> {
    const { subscriptions, logger, manager } = this.#ports;
    const stored = await subscriptions.get(tenantId, bridge, resourceHash);
    // A notice of a subscription that is not the present one: it is over, or never was ours. Where the
    // contract names none, whatever is announced of the resource is of the present one.
    if (stored?.id === undefined || (subscriptionId ?? stored.id) !== stored.id) {
      logger.info('a notice of another subscription was left alone', { tenantId, bridge });
      return;
    }
    if (lifecycle === 'reauthorizationRequired') {
      await manager.renew(tenantId, stored);
      return;
    }
    if (lifecycle === 'subscriptionRemoved') await manager.lost(tenantId, stored);
    for (const pair of await this.#ports.pairs.findByResource(tenantId, bridge, stored.resource))
      if (isRunnable(pair)) await this.#look(tenantId, pair.id, lifecycle === 'missed');
  }

  /** A signal that a run under way sees, and one message for all that comes within a second. */
  async #look(tenantId: TenantId, pairId: PairId, isComplete: boolean): Promise<void> {
    const { store, queue } = this.#ports;
    const rows = store.forPair(tenantId, pairId);
    const { count, send, delayMs } = await rows.raise();
    if (send === 'no' && !isComplete) return;
    const job: SyncJob = {
      v: 1,
      kind: 'sync',
      tenantId,
      pairId,
      cause: 'notification',
      ...(isComplete ? { complete: true } : { signal: count }),
    };
    await queue.send(QUEUES.sync, job, { delayMs });
    if (!isComplete) await rows.markSent(count);
  }
}
