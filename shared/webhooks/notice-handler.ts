import { resourceHashOf, type BridgeKey, type ResourceId, type TenantId } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import { isClaimed, type Subscription } from '../model/subscription.ts';
import { QUEUES, renewalOf, type LookJob, type NoticeJob } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import { mapBounded } from '../stores/bounded.ts';
import type { PairStore, SubscriptionStore, SyncStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { lookAt } from './look-at.ts';
import type { PushHealth } from './push-health.ts';
import type { SubscriptionManager } from './subscription-manager.ts';

export interface NoticePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pairs: PairStore;
  readonly store: SyncStore;
  readonly subscriptions: SubscriptionStore;
  readonly queue: QueueSender;
  /** A tenant's bridge by name or alias. */
  readonly resolve: (tenantId: TenantId, name: string) => BridgeKey | undefined;
  readonly manager: Pick<SubscriptionManager, 'reauthorize' | 'lost'>;
  readonly push: Pick<PushHealth, 'heard'>;
}

type Notice = NoticeJob['notices'][number];

/** From so many notices of one message on, one list is cheaper than point reads. */
const POINT_READS_MAX = 5;
const AT_ONCE_MAX = 8;
/** Subscriptions that are made anew while a message is handled; where more were ended, its timer's job does it. */
const REMOVED_MAX = 5;

/** What is stored of the resources of a message. */
interface Known {
  readonly subscription: (resourceHash: string) => Promise<Subscription | undefined>;
  readonly pairs: (resource: ResourceId) => Promise<readonly Pair[]>;
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
    const { notices } = job;
    const known = await this.#knownOf(tenantId, job.bridge as BridgeKey, notices.length);
    const ended = notices.filter(({ lifecycle }) => lifecycle === 'subscriptionRemoved');
    const areMany = ended.length > REMOVED_MAX;
    const one = async (notice: Notice): Promise<void> =>
      this.#one(tenantId, known, notice, areMany);
    const changes = notices.filter(({ lifecycle }) => lifecycle === undefined);
    await mapBounded(changes, AT_ONCE_MAX, one);
    // What a system says of a subscription itself changes what is stored of it, and has us call the
    // system: one after the other, when nothing else waits.
    for (const notice of notices.filter(({ lifecycle }) => lifecycle !== undefined))
      await one(notice);
    if (areMany) await this.#ports.queue.send(QUEUES.low, renewalOf(tenantId));
  }

  /** By point reads for a few notices, by one list of each for many. */
  async #knownOf(tenantId: TenantId, bridge: BridgeKey, count: number): Promise<Known> {
    const { subscriptions, pairs } = this.#ports;
    if (count <= POINT_READS_MAX)
      return {
        subscription: async (hash) => subscriptions.get(tenantId, bridge, hash),
        pairs: async (resource) => pairs.findByResource(tenantId, bridge, resource),
      };
    const stored = Map.groupBy(await subscriptions.list(tenantId, bridge), ({ resource }) =>
      resourceHashOf(resource),
    );
    const ends = (await pairs.list(tenantId)).flatMap((pair) =>
      [pair.a, pair.b].filter((end) => end.bridge === bridge).map((end) => ({ pair, end })),
    );
    const mapped = Map.groupBy(ends, ({ end }) => resourceHashOf(end.resource));
    return {
      subscription: async (hash) => Promise.resolve(stored.get(hash)?.[0]),
      pairs: async (resource) =>
        Promise.resolve((mapped.get(resourceHashOf(resource)) ?? []).map(({ pair }) => pair)),
    };
  }

  /**
   * What somebody says of a resource, without any subscription: it is looked at where it is mapped,
   * else the message is done with.
   */
  async #told(tenantId: TenantId, name: string, resource: ResourceId): Promise<void> {
    const bridge = this.#ports.resolve(tenantId, name);
    const pairs =
      bridge === undefined
        ? []
        : await this.#ports.pairs.findByResource(tenantId, bridge, resource);
    if ((await lookAt(this.#ports, tenantId, pairs)) > 0) return;
    const said = { tenantId, bridge: name };
    this.#ports.logger.info('what was told of a resource that is not mapped was dropped', said);
  }

  async #one(
    tenantId: TenantId,
    known: Known,
    { resourceHash, subscriptionId, lifecycle }: Notice,
    areMany: boolean,
  ): Promise<void> {
    const { logger, manager, clock } = this.#ports;
    const stored = await known.subscription(resourceHash);
    // A notice of a subscription that is not the present one: it is over, or never was ours. Where the
    // contract names none, whatever is announced of the resource is of the present one.
    if (stored?.id === undefined || (subscriptionId ?? stored.id) !== stored.id) {
      // But one that is being made announces before its id is stored, and tells it only once.
      if (stored !== undefined && isClaimed(stored, clock.now()))
        await lookAt(this.#ports, tenantId, await known.pairs(stored.resource));
      else logger.info('a notice of another subscription was left alone', { tenantId });
      return;
    }
    await this.#ports.push.heard(tenantId, stored);
    if (lifecycle === 'reauthorizationRequired') {
      await manager.reauthorize(tenantId, stored);
      return;
    }
    if (lifecycle === 'subscriptionRemoved' && !areMany) {
      // With the new one its rooms are read; where there is none, the notice itself is the occasion.
      const lost = await manager.lost(tenantId, stored);
      if (lost?.failures === 0) return;
    }
    // Notices that were missed are no less than one: the cursors know what has changed since.
    await lookAt(this.#ports, tenantId, await known.pairs(stored.resource));
  }
}
