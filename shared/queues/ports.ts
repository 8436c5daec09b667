import type { Job, QUEUES } from './messages.ts';

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

export interface SendOptions {
  /** How long the message stays invisible; at most 7 days. */
  readonly delayMs?: number;
}

export interface QueueSender {
  /**
   * @throws RangeError when the job is 48 KiB or more as JSON, or the delay is over 7 days.
   * @throws QueueError when the queue cannot be reached.
   */
  send(queue: QueueName, job: Job, options?: SendOptions): Promise<void>;
  /** Makes the queues and their `-poison` twins; those that exist stay as they are. */
  ensureQueues(): Promise<void>;
}
