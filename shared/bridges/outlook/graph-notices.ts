import * as z from 'zod';
import { LIFECYCLE } from '../../model/notices.ts';
import { NOTICE_ITEMS_MAX, type NoticeFormat, type NoticeItem } from '../notice-format.ts';

/** Of https://learn.microsoft.com/graph/api/resources/changenotification what is looked at. */
const ItemSchema = z.object({
  subscriptionId: z.string().min(1).max(200),
  clientState: z.string().max(200).nullish(),
  tenantId: z.string().max(100).nullish(),
  lifecycleEvent: z.string().max(100).nullish(),
});
const BodySchema = z.object({ value: z.array(z.unknown()).max(NOTICE_ITEMS_MAX) });

/** Graph's `changeNotificationCollection`: a state with each item, and no signature of the whole. */
export const GRAPH_NOTICES: NoticeFormat = {
  read: (body) => BodySchema.safeParse(body).data?.value.map(itemOf),
};

function itemOf(value: unknown): NoticeItem | undefined {
  const item = ItemSchema.safeParse(value);
  if (!item.success) return undefined;
  const { subscriptionId, clientState, tenantId, lifecycleEvent } = item.data;
  return {
    subscriptionId,
    clientState: clientState ?? undefined,
    ...(typeof tenantId === 'string' ? { systemTenantId: tenantId } : {}),
    ...(typeof lifecycleEvent === 'string'
      ? { lifecycle: LIFECYCLE.find((name) => name === lifecycleEvent) ?? 'other' }
      : {}),
  };
}
