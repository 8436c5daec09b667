import type { DequeuedMessageItem } from '@azure/storage-queue';

/** An error as the service answers it; the SDK's has more members, which nobody reads. */
export class QueueServiceError extends Error {
  override readonly name = 'RestError';
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string) {
    super(code);
    this.statusCode = statusCode;
    this.code = code;
  }
}

interface Message {
  readonly id: string;
  readonly text: string;
  readonly insertedAt: number;
  visibleAt: number;
  dequeueCount: number;
  receipt: string;
}

const LIFE_MS = 7 * 24 * 3_600_000;
const HIDDEN_MS = 30_000;

/**
 * One storage queue in memory, by the rules of the service
 * (https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api): what is received is
 * hidden for a while and comes again unless it is deleted with the receipt of its last change.
 * Of what is visible, `pick` says which comes next: the service promises no order.
 */
export class QueueTwin {
  #messages: Message[] = [];
  readonly #now: () => number;
  readonly #pick: (count: number) => number;
  #made = 0;

  constructor(now: () => number, pick: (count: number) => number = () => 0) {
    this.#now = now;
    this.#pick = pick;
  }

  /** When there is something to receive; undefined for an empty queue. */
  nextVisibleAt(): number | undefined {
    const times = this.#live().map(({ visibleAt }) => visibleAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Texts of all messages, hidden ones too, in the order sent. */
  texts(): readonly string[] {
    return this.#live().map(({ text }) => text);
  }

  async sendMessage(
    text: string,
    { visibilityTimeout = 0 }: { visibilityTimeout?: number } = {},
  ): Promise<void> {
    this.#made += 1;
    this.#messages.push({
      id: `message-${this.#made}`,
      text,
      insertedAt: this.#now(),
      visibleAt: this.#now() + visibilityTimeout * 1000,
      dequeueCount: 0,
      receipt: this.#receipt(),
    });
  }

  async receiveMessages({
    numberOfMessages = 1,
    visibilityTimeout = HIDDEN_MS / 1000,
  }: { numberOfMessages?: number; visibilityTimeout?: number } = {}): Promise<{
    receivedMessageItems: DequeuedMessageItem[];
  }> {
    const now = this.#now();
    const visible = this.#live().filter(({ visibleAt }) => visibleAt <= now);
    const receivedMessageItems: DequeuedMessageItem[] = [];
    while (visible.length > 0 && receivedMessageItems.length < numberOfMessages) {
      const [message] = visible.splice(this.#pick(visible.length), 1);
      if (message === undefined) break;
      message.visibleAt = now + visibilityTimeout * 1000;
      message.dequeueCount += 1;
      message.receipt = this.#receipt();
      receivedMessageItems.push(toItem(message));
    }
    return { receivedMessageItems };
  }

  async updateMessage(
    id: string,
    receipt: string,
    _message: undefined,
    visibilityTimeout = 0,
  ): Promise<{ popReceipt?: string }> {
    const message = this.#held(id, receipt);
    message.visibleAt = this.#now() + visibilityTimeout * 1000;
    message.receipt = this.#receipt();
    return { popReceipt: message.receipt };
  }

  async deleteMessage(id: string, receipt: string): Promise<void> {
    const message = this.#held(id, receipt);
    this.#messages = this.#messages.filter((one) => one !== message);
  }

  async createIfNotExists(): Promise<void> {}

  /** @throws QueueServiceError where somebody else has received it since, or it is gone. */
  #held(id: string, receipt: string): Message {
    const message = this.#live().find((one) => one.id === id);
    if (message === undefined) throw new QueueServiceError(404, 'MessageNotFound');
    if (message.receipt !== receipt) throw new QueueServiceError(400, 'PopReceiptMismatch');
    return message;
  }

  #live(): readonly Message[] {
    return this.#messages.filter(({ insertedAt }) => this.#now() - insertedAt < LIFE_MS);
  }

  #receipt(): string {
    this.#made += 1;
    return `receipt-${this.#made}`;
  }
}

function toItem(message: Message): DequeuedMessageItem {
  return {
    messageId: message.id,
    messageText: message.text,
    popReceipt: message.receipt,
    dequeueCount: message.dequeueCount,
    insertedOn: new Date(message.insertedAt),
    expiresOn: new Date(message.insertedAt + LIFE_MS),
    nextVisibleOn: new Date(message.visibleAt),
  };
}
