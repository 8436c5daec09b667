import * as z from 'zod';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import { NOTICES_MAX, type NoticeJob } from '../queues/messages.ts';
import { readClientState } from './client-state.ts';

/** Of https://learn.microsoft.com/graph/api/resources/changenotification what is looked at. */
const ItemSchema = z.object({
  subscriptionId: z.string().min(1).max(200),
  clientState: z.string().max(200).nullish(),
  tenantId: z.string().max(100).nullish(),
  lifecycleEvent: z.string().max(100).nullish(),
});
const BodySchema = z.object({ value: z.array(z.unknown()).max(1_000) });

export interface NoticeReading {
  /** As many messages as are needed; none where nothing is meant for us. */
  readonly jobs: readonly NoticeJob[];
  readonly taken: number;
  /** Items that were not, by why. */
  readonly refused: Readonly<Record<'malformed' | 'forged' | 'stranger', number>>;
}

const LIFECYCLE = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const;

/**
 * What a POST of Graph's says, as far as it is meant for the tenant: each item has to carry a state
 * that we made for it. The same said several times is said once. Undefined where it is no such body.
 */
export function readNotices(
  body: unknown,
  {
    tenantId,
    bridge,
    secrets,
    systemTenantId,
  }: {
    readonly tenantId: TenantId;
    readonly bridge: BridgeKey;
    readonly secrets: readonly string[];
    /** The tenant as Graph names it, where that is known. */
    readonly systemTenantId?: string | undefined;
  },
): NoticeReading | undefined {
  const parsed = BodySchema.safeParse(body);
  if (!parsed.success) return undefined;
  const refused = { malformed: 0, forged: 0, stranger: 0 };
  const notices = new Map<string, NoticeJob['notices'][number]>();
  let taken = 0;
  // A burst of one room carries one state a hundred times.
  const checked = new Map<string, string | undefined>();
  const hashOf = (state: string): string | undefined => {
    if (!checked.has(state)) checked.set(state, readClientState(secrets, tenantId, bridge, state));
    return checked.get(state);
  };
  for (const value of parsed.data.value) {
    const item = ItemSchema.safeParse(value);
    if (!item.success) {
      refused.malformed += 1;
      continue;
    }
    const { subscriptionId, clientState, tenantId: named, lifecycleEvent } = item.data;
    const resourceHash = hashOf(clientState ?? '');
    if (resourceHash === undefined) {
      refused.forged += 1;
      continue;
    }
    if (typeof named === 'string' && systemTenantId !== undefined && named !== systemTenantId) {
      refused.stranger += 1;
      continue;
    }
    taken += 1;
    const lifecycle = LIFECYCLE.find((name) => name === lifecycleEvent);
    // What Graph may say of a subscription in the future is nothing that we can act on.
    if (typeof lifecycleEvent === 'string' && lifecycle === undefined) continue;
    const key = [resourceHash, subscriptionId, lifecycle ?? ''].join(' ');
    notices.set(key, {
      resourceHash,
      subscriptionId,
      ...(lifecycle === undefined ? {} : { lifecycle }),
    });
  }
  const all = [...notices.values()];
  const jobs = Array.from({ length: Math.ceil(all.length / NOTICES_MAX) }, (_, index) => ({
    v: 1 as const,
    kind: 'notice' as const,
    tenantId,
    bridge,
    notices: all.slice(index * NOTICES_MAX, (index + 1) * NOTICES_MAX),
  }));
  return { jobs, taken, refused };
}
