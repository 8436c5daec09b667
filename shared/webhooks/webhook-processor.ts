import type { NoticeFormat } from '../bridges/notice-format.ts';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { NoticePort, NoticePost, TakenNotices } from '../model/notices.ts';
import { QUEUES } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { BridgeSettings, TenantConfig } from '../tenants/tenant-config.ts';
import { jsonOfBytes } from '../util/json-bytes.ts';
import type { Logger } from '../util/logger.ts';
import { isSigned } from './notice-signature.ts';
import { readNotices } from './notices.ts';
import type { WebhookSettings } from './webhook-settings.ts';

export interface WebhookPorts {
  readonly logger: Logger;
  readonly queue: Pick<QueueSender, 'send'>;
  readonly tenant: (id: TenantId) => TenantConfig | undefined;
  /** How such a bridge's system announces; undefined where it does not. */
  readonly format: (settings: BridgeSettings) => NoticeFormat | undefined;
  readonly webhooks: WebhookSettings | undefined;
}

/** Checks what is announced, and queues what is meant for us. */
export class WebhookProcessor implements NoticePort {
  readonly #ports: WebhookPorts;

  constructor(ports: WebhookPorts) {
    this.#ports = ports;
  }

  async take(tenantId: TenantId, bridge: BridgeKey, post: NoticePost): Promise<TakenNotices> {
    const { webhooks, queue, logger, tenant } = this.#ports;
    const settings = tenant(tenantId)?.bridges.get(bridge);
    const format = settings && this.#ports.format(settings);
    if (webhooks === undefined || settings === undefined || format === undefined)
      return { kind: 'none' };
    const { secrets } = webhooks;
    const { signatureHeader: header } = format;
    if (
      header !== undefined &&
      !isSigned(secrets, { tenantId, bridge }, post.bytes, post.header(header))
    ) {
      logger.warn('notices were refused', { tenantId, bridge, unsigned: 1 });
      return { kind: 'unsigned', header };
    }
    const reading = readNotices(jsonOfBytes(post.bytes), format, {
      tenantId,
      bridge,
      secrets,
      systemTenantId: settings.values['tenantId'],
      clientState: post.clientState,
    });
    if (reading === undefined) return { kind: 'none' };
    const { jobs, taken, refused, unknown } = reading;
    await Promise.all(jobs.map((job) => queue.send(QUEUES.sync, job)));
    const count = Object.values(refused).reduce((sum, one) => sum + one, 0);
    if (count > 0) logger.warn('notices were refused', { tenantId, bridge, ...refused });
    logger.info('notices', { tenantId, bridge, taken, ...(unknown === 0 ? {} : { unknown }) });
    return { kind: 'taken', taken, refused };
  }
}
