import type { BridgeKey, PairId, ResourceId, TenantId } from '../model/ids.ts';
import { isRunnable } from '../model/pair.ts';
import { QUEUES, type LookJob, type NoticeJob, type SyncJob } from '../queues/messages.ts';
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
  /** A tenant's bridge by name or alias. */
  readonly resolve: (tenantId: TenantId, name: string) => BridgeKey | undefined;
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
  async handle(job: NoticeJob | LookJob): Promise<void> {
    const tenantId = job.tenantId as TenantId;
    if (job.kind === 'look') {
      await this.#told(tenantId, job.bridge, job.resource as ResourceId);
      return;
    }
    for (const notice of job.notices) await this.#one(tenantId, job.bridge as BridgeKey, notice);
  }

  /**
   * What somebody says of a resource, without any subscription: it is looked at where it is mapped,
   * else the message is done with.
   */
  async #told(tenantId: TenantId, name: string, resource: ResourceId): Promise<void> {
    const bridge = this.#ports.resolve(tenantId, name);
    const looks = bridge === undefined ? 0 : await this.#lookAt(tenantId, bridge, resource, false);
    if (looks > 0) return;
    const said = { tenantId, bridge: name };
    this.#ports.logger.info('what was told of a resource that is not mapped was dropped', said);
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
    await this.#lookAt(tenantId, bridge, stored.resource, lifecycle === 'missed');
  }

  /** How many pairs are looked at. */
  async #lookAt(
    tenantId: TenantId,
    bridge: BridgeKey,
    resource: ResourceId,
    isComplete: boolean,
  ): Promise<number> {
    const pairs = await this.#ports.pairs.findByResource(tenantId, bridge, resource);
    const runnable = pairs.filter(isRunnable);
    for (const { id } of runnable) await this.#signal(tenantId, id, isComplete);
    return runnable.length;
  }

  /** A signal that a run under way sees, and one message for all that comes within a second. */
  async #signal(tenantId: TenantId, pairId: PairId, isComplete: boolean): Promise<void> {
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
