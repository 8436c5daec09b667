import { createHash } from 'node:crypto';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { GraphError } from './errors.ts';

/** Where a client stands in a calendarView; the token is the whole state, so none is kept. */
export interface DeltaState {
  mailboxKey: string;
  /** The window, frozen at the first call; epoch ms. */
  startMs: number;
  endMs: number;
  /** Changes up to this number have been told. */
  toldSeq: number;
  /** In a round that began without a token: number of the latest change when it began. */
  initialSeq?: number;
  /** Pages of the round so far; 0 in a token that ends a round. */
  page: number;
  /** Last item of the page before, by uid. */
  lastUid?: string;
}

type Signed = DeltaState & { generation: string };

/** Makes and reads the opaque tokens of delta links. */
export class DeltaTokens {
  readonly #generations: DurableMap<number>;

  constructor(journal: Journal) {
    this.#generations = journal.collection('delta-generations');
  }

  issue(state: DeltaState): string {
    const signed: Signed = { ...state, generation: this.#generation(state.mailboxKey) };
    const payload = Buffer.from(JSON.stringify(signed)).toString('base64url');
    return `${payload}${checksum(payload)}`;
  }

  /** @throws GraphError 410 `SyncStateNotFound` for a token that is stale, or not of this mailbox. */
  read(token: string, mailboxKey: string): DeltaState {
    const payload = token.slice(0, -CHECKSUM_LENGTH);
    if (payload === '' || checksum(payload) !== token.slice(-CHECKSUM_LENGTH))
      throw syncStateNotFound();
    const { generation, ...state } = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    ) as Signed;
    if (state.mailboxKey !== mailboxKey || generation !== this.#generation(mailboxKey))
      throw syncStateNotFound();
    return state;
  }

  /** Makes every token of the mailbox stale. */
  expire(mailboxKey: string): void {
    this.#generations.set(mailboxKey, (this.#generations.get(mailboxKey) ?? 0) + 1);
  }

  /** Makes every token stale. */
  expireAll(): void {
    this.expire(ALL);
  }

  #generation(mailboxKey: string): string {
    return `${this.#generations.get(ALL) ?? 0}.${this.#generations.get(mailboxKey) ?? 0}`;
  }
}

const ALL = '*';
const CHECKSUM_LENGTH = 16;

function checksum(payload: string): string {
  return createHash('sha256').update(payload).digest('hex').slice(0, CHECKSUM_LENGTH);
}

function syncStateNotFound(): GraphError {
  return new GraphError(
    410,
    'SyncStateNotFound',
    'The sync state generation is not found; start a new round.',
  );
}
