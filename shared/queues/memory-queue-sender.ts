import type { Clock, Instant } from '../util/clock.ts';
import { JobSchema, type Job } from './messages.ts';
import type { QueueName, QueueSender, SendOptions } from './ports.ts';
import { delaySeconds, encodeJob } from './queue-sender.ts';

export interface SentJob {
  readonly queue: QueueName;
  readonly job: Job;
  readonly visibleAt: Instant;
}

/** Queues in memory, first in first out among the visible, for tests and simulation. */
export class MemoryQueueSender implements QueueSender {
  readonly #clock: Clock;
  #jobs: SentJob[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is in the queues, delayed ones too, in the order sent. */
  get jobs(): readonly SentJob[] {
    return this.#jobs;
  }

  async send(queue: QueueName, job: Job, { delayMs = 0 }: SendOptions = {}): Promise<void> {
    const text = Buffer.from(encodeJob(job), 'base64').toString('utf8');
    const visibleAt = (this.#clock.now() + delaySeconds(delayMs) * 1000) as Instant;
    this.#jobs.push({ queue, job: JobSchema.parse(JSON.parse(text)), visibleAt });
  }

  async ensureQueues(): Promise<void> {}

  /** Takes the oldest visible job out of a queue. */
  receive(queue: QueueName): Job | undefined {
    const now = this.#clock.now();
    const found = this.#jobs.find((sent) => sent.queue === queue && sent.visibleAt <= now);
    this.#jobs = this.#jobs.filter((sent) => sent !== found);
    return found?.job;
  }
}
