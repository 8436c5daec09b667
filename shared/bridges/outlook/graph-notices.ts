import * as z from 'zod';
import { LIFECYCLE } from '../../model/notices.ts';
import { valueOf, type NoticeFormat, type NoticeItem } from '../notice-format.ts';

/** Of https://learn.microsoft.com/graph/api/resources/changenotification what is looked at. */
const ItemSchema = z.object({
  subscriptionId: z.string().min(1).max(200),
  clientState: z.string().max(200).nullish(),
  tenantId: z.string().max(100).nullish(),
  lifecycleEvent: z.string().max(100).nullish(),
});

/** Graph's `changeNotificationCollection`: a state with each item, and no signature of the whole. */
export const GRAPH_NOTICES: NoticeFormat = {
  read: (body) => valueOf(body)?.map(itemOf),
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
