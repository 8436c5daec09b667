import { QueueServiceClient, type StoragePipelineOptions } from '@azure/storage-queue';
import type { TokenCredential } from '@azure/identity';
import { JobSchema, QUEUES, type Job } from './messages.ts';
import type { QueueName, QueueSender, SendOptions } from './ports.ts';

/** 64 KiB is what the service takes, and base64 makes four bytes of three. */
const JOB_BYTES_MAX = 48 * 1024;
const DELAY_MS_MAX = 7 * 24 * 3_600_000;

/** The queue did not take the message; it may be there all the same. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly status: number | undefined;

  constructor(message: string, details: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.status = details.status;
  }
}

export type QueueConnection =
  | { readonly connectionString: string }
  | { readonly serviceUri: string; readonly credential: TokenCredential };

export interface AzureQueueSenderOptions {
  /** Put before each queue's name, so that tests share one account. Lower case and digits. */
  readonly prefix?: string;
}

/** Azure Queue Storage, or Azurite. */
export class AzureQueueSender implements QueueSender {
  readonly #service: QueueServiceClient;
  readonly #prefix: string;

  constructor(connection: QueueConnection, { prefix = '' }: AzureQueueSenderOptions = {}) {
    // One try more: the next cause of a job, or its re-send, is soon there anyway.
    const options: StoragePipelineOptions = { retryOptions: { maxTries: 2 } };
    this.#service =
      'connectionString' in connection
        ? QueueServiceClient.fromConnectionString(connection.connectionString, options)
        : new QueueServiceClient(connection.serviceUri, connection.credential, options);
    this.#prefix = prefix;
  }

  async send(queue: QueueName, job: Job, { delayMs = 0 }: SendOptions = {}): Promise<void> {
    const text = encodeJob(job);
    const visibilityTimeout = delaySeconds(delayMs);
    await settled(queue, async () =>
      this.#service.getQueueClient(this.#prefix + queue).sendMessage(text, { visibilityTimeout }),
    );
  }

  async ensureQueues(): Promise<void> {
    const names = Object.values(QUEUES).flatMap((name) => [name, `${name}-poison`]);
    await Promise.all(
      names.map((name) =>
        settled(name, async () =>
          this.#service.getQueueClient(this.#prefix + name).createIfNotExists(),
        ),
      ),
    );
  }
}

/**
 * Base64 of the job's JSON, as the Functions host reads it.
 * @throws RangeError when the JSON is 48 KiB or more
 */
export function encodeJob(job: Job): string {
  const bytes = Buffer.from(JSON.stringify(JobSchema.parse(job)), 'utf8');
  if (bytes.length >= JOB_BYTES_MAX)
    throw new RangeError(`a job of ${bytes.length} bytes is over ${JOB_BYTES_MAX}`);
  return bytes.toString('base64');
}

/** @throws RangeError when the delay is negative or over 7 days */
export function delaySeconds(delayMs: number): number {
  if (!(delayMs >= 0 && delayMs <= DELAY_MS_MAX))
    throw new RangeError(`a delay of ${delayMs} ms is not between 0 and ${DELAY_MS_MAX}`);
  return Math.ceil(delayMs / 1000);
}

async function settled(queue: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const status = statusOf(error);
    throw new QueueError(`queue ${queue}: ${status ?? String(error)}`, {
      cause: error,
      ...(status === undefined ? {} : { status }),
    });
  }
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
