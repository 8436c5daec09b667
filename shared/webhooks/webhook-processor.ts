import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { NoticePort, TakenNotices } from '../model/notices.ts';
import { QUEUES } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { TenantConfig } from '../tenants/tenant-config.ts';
import type { Logger } from '../util/logger.ts';
import { readNotices } from './graph-notices.ts';
import type { WebhookSettings } from './subscription-manager.ts';

export interface WebhookPorts {
  readonly logger: Logger;
  readonly queue: Pick<QueueSender, 'send'>;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  readonly webhooks: WebhookSettings | undefined;
}

/** Checks what is announced, and queues what is meant for us. */
export class WebhookProcessor implements NoticePort {
  readonly #ports: WebhookPorts;

  constructor(ports: WebhookPorts) {
    this.#ports = ports;
  }

  async take(
    tenantId: TenantId,
    bridge: BridgeKey,
    body: unknown,
  ): Promise<TakenNotices | undefined> {
    const { webhooks, queue, logger, tenant } = this.#ports;
    const settings = tenant(tenantId)?.bridges.get(bridge);
    if (webhooks === undefined || settings === undefined) return undefined;
    const { secrets } = webhooks;
    const systemTenantId = settings.values['tenantId'];
    const reading = readNotices(body, { tenantId, bridge, secrets, systemTenantId });
    if (reading === undefined) return undefined;
    const { jobs, taken, refused } = reading;
    await Promise.all(jobs.map((job) => queue.send(QUEUES.sync, job)));
    const count = Object.values(refused).reduce((sum, one) => sum + one, 0);
    if (count > 0) logger.warn('notices were refused', { tenantId, bridge, ...refused });
    logger.info('notices', { tenantId, bridge, taken });
    return { taken, refused };
  }
}
