import type { PushSource } from '../../../shared/bridges/push-source.ts';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { TenantId } from '../../../shared/model/ids.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import type { World } from './fixture.ts';

/** What a system was asked to announce. */
export interface Announcer {
  readonly living: Map<string, { readonly resource: string; readonly clientState: string }>;
  /** What the next calls fail with. */
  fault: BridgeError | undefined;
}

/**
 * The tenant's Outlook can announce, as that in memory cannot; or its booking system, whose
 * subscriptions are then those of the generic contract: without an end, and not to be listed.
 */
export function announcing(
  { bridges }: World,
  tenant: TenantId,
  system: 'outlook' | 'booking_system' = 'outlook',
): Announcer {
  const announcer: Announcer = { living: new Map(), fault: undefined };
  const { living } = announcer;
  let made = 0;
  const check = (): void => {
    if (announcer.fault !== undefined) throw announcer.fault;
  };
  const isEndless = system === 'booking_system';
  const bounded: Partial<PushSource> = {
    renew: async (id, until: Instant) => {
      check();
      if (!living.has(id)) throw new BridgeError('not-found', 'it is gone');
      return { id, expiresAt: until };
    },
    listIds: async () => [...living.keys()],
  };
  const push: PushSource = {
    announcesAll: !isEndless,
    lifeMs: isEndless ? Infinity : 3_600_000,
    subscribe: async ({ resource, clientState, until }) => {
      check();
      made += 1;
      const id = `${tenant}-sub-${made}`;
      living.set(id, { resource, clientState });
      return isEndless ? { id } : { id, expiresAt: until };
    },
    ...(isEndless ? {} : bounded),
    unsubscribe: async (id) => {
      check();
      living.delete(id);
    },
  };
  const bridge = bridges.get(`${tenant}/${system}`);
  if (bridge === undefined) throw new Error(`${tenant} has no ${system}`);
  Object.assign(bridge, { push });
  return announcer;
}
