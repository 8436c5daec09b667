import type { ResourceId } from '../model/ids.ts';
import type { Instant } from '../util/clock.ts';

/** What is asked of a system that can announce changes. */
export interface WantedSubscription {
  readonly resource: ResourceId;
  readonly notificationUrl: string;
  /** Where the system tells of the subscription itself, where it does so apart. */
  readonly lifecycleUrl: string;
  /** Comes back with each notice. */
  readonly clientState: string;
  readonly until: Instant;
}

export interface LiveSubscription {
  readonly id: string;
  /** As granted, which may be sooner than was asked for. */
  readonly expiresAt: Instant;
}

/** A system that can be told where to announce the changes of a resource. */
export interface PushSource {
  /**
   * It tells of every change, however it was made, and again until it is taken: that nothing comes
   * means that nothing happened, and its resources need be read seldom.
   */
  readonly announcesAll: boolean;
  /** Longest life that is asked for, in ms. */
  readonly lifeMs: number;
  /**
   * Makes one, or takes over the one that is there for the same resource; one with other terms is
   * ended first. The address must answer the system while this waits.
   * @throws BridgeError
   */
  subscribe(wanted: WantedSubscription): Promise<LiveSubscription>;
  /** @throws BridgeError `not-found` where it is gone */
  renew(id: string, until: Instant): Promise<LiveSubscription>;
  /** Gone already is done. @throws BridgeError */
  unsubscribe(id: string): Promise<void>;
  /** Ids of all that live. @throws BridgeError */
  listIds(): Promise<readonly string[]>;
}
