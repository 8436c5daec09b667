import { BridgeError } from '../model/errors.ts';
import type { ResourceId } from '../model/ids.ts';
import { DAY_MS } from '../model/time.ts';
import type { Instant } from '../util/clock.ts';

/** What is asked of a system that can announce changes. */
export interface WantedSubscription {
  readonly resource: ResourceId;
  readonly notificationUrl: string;
  /** Where the system tells of the subscription itself, where it does so apart. */
  readonly lifecycleUrl: string;
  /** Comes back with each notice, in it or in the query of its address. */
  readonly clientState: string;
  /** What notices are signed with, where the contract signs them (`NoticeFormat.signatureHeader`). */
  readonly signingSecret: string;
  /** Where subscriptions end by themselves. */
  readonly until: Instant;
}

export interface LiveSubscription {
  readonly id: string;
  /** As granted, which may be sooner than was asked for. Absent: it does not end by itself. */
  readonly expiresAt?: Instant;
}

/** A system that can be told where to announce the changes of a resource. */
export interface PushSource {
  /**
   * It tells of every change, however it was made, and again until it is taken: that nothing comes
   * means that nothing happened, and its resources need be read seldom.
   */
  readonly announcesAll: boolean;
  /** Longest life that is asked for, in ms; infinite where the contract knows no end. */
  readonly lifeMs: number;
  /**
   * Makes one. Where the system lists them, the one that is there for the same resource is taken over,
   * and one with other terms ended first. The address must answer the system while this waits.
   * @throws BridgeError
   */
  subscribe(wanted: WantedSubscription): Promise<LiveSubscription>;
  /** Only where they end by themselves. @throws BridgeError `not-found` where it is gone */
  renew?(id: string, until: Instant): Promise<LiveSubscription>;
  /** Gone already is done. @throws BridgeError */
  unsubscribe(id: string): Promise<void>;
  /** Ids of all that live, only where the system can say. @throws BridgeError */
  listIds?(): Promise<readonly string[]>;
}

/** When a system without webhooks is asked again, which it may have learnt meanwhile. */
const ASKED_AGAIN_MS = DAY_MS;

/** What of a refused subscription says that there is no such call there. */
const NO_SUCH_CALL: ReadonlySet<number | undefined> = new Set([404, 405, 501]);

/**
 * A refusal to subscribe: as it is, or where the system has no such call, what that means. It is no
 * fault that passes, so that it is asked again in a day.
 */
export function refusalToAnnounce(error: unknown, hint: string): unknown {
  if (!(error instanceof BridgeError) || !NO_SUCH_CALL.has(error.status)) return error;
  return new BridgeError(
    'rejected',
    `${error.message} (${error.status}): the system has no webhooks, or does not know the resource; its ` +
      `changes are found by the timers. ${hint}`.trimEnd(),
    {
      ...(error.status === undefined ? {} : { status: error.status }),
      retryAfterMs: ASKED_AGAIN_MS,
    },
  );
}
