import * as z from 'zod';
import type { Lifecycle } from '../model/notices.ts';

/** What is looked at of one announcement. What it says of events is not: the run reads the truth. */
export interface NoticeItem {
  /** Our own state, come back. */
  readonly clientState: string | undefined;
  /** Absent: the contract names none. */
  readonly subscriptionId?: string;
  /** The tenant as its system names it. */
  readonly systemTenantId?: string;
  /** Of the subscription itself; `other` is nothing that we can act on. */
  readonly lifecycle?: Lifecycle | 'other';
}

/** How the announcements of a contract are read. */
export interface NoticeFormat {
  /**
   * The header that signs the raw body, as `sha256=` and the HMAC-SHA256 in hex under the secret that
   * was handed over with the subscription. Absent: the contract signs nothing.
   */
  readonly signatureHeader?: string;
  /**
   * The items of a body; undefined in the place of one that is none. Undefined: no body of notices.
   * @param clientState of the address's query
   */
  read(
    body: unknown,
    clientState: string | undefined,
  ): readonly (NoticeItem | undefined)[] | undefined;
}

/** More than any system sends at once. */
const NOTICE_ITEMS_MAX = 1_000;

const BodySchema = z.object({ value: z.array(z.unknown()).max(NOTICE_ITEMS_MAX) });

/** The items of a body that holds them as `value`; undefined where it is none. */
export function valueOf(body: unknown): readonly unknown[] | undefined {
  return BodySchema.safeParse(body).data?.value;
}
