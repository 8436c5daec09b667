import * as z from 'zod';
import { valueOf, type NoticeFormat, type NoticeItem } from '../notice-format.ts';

/**
 * What is looked at of an item. Its `resource_id` is null where a subscription is of all resources, and
 * ours are of one each, which the state names; its `timestamp` is local time that calls itself UTC.
 */
const ItemSchema = z.object({
  subscription_id: z.union([z.string().min(1).max(200), z.int().transform(String)]),
  clientState: z.string().max(200).nullish(),
});

/** Portico's: a state with each item, and the whole signed. */
export const PORTICO_NOTICES: NoticeFormat = {
  signatureHeader: 'X-Booking-Signature',
  read: (body) => valueOf(body)?.map(itemOf),
};

function itemOf(value: unknown): NoticeItem | undefined {
  const item = ItemSchema.safeParse(value);
  if (!item.success) return undefined;
  const { subscription_id: subscriptionId, clientState } = item.data;
  return { subscriptionId, clientState: clientState ?? undefined };
}
