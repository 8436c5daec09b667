import * as z from 'zod';
import { resourceHashOf, type BridgeKey, type ResourceId, type TenantId } from '../model/ids.ts';
import type { Subscription } from '../model/subscription.ts';
import { decodeRow, idOf, InstantText } from './codecs.ts';
import { keyPart, prefixRange, TABLES, tenantPartition } from './keys.ts';
import { isRace } from './signal.ts';
import type { Row, Table, Tables } from './table.ts';
import type { SubscriptionStore } from './tenant-ports.ts';

const SubscriptionSchema = z.object({
  bridge: idOf<BridgeKey>(),
  resource: idOf<ResourceId>(),
  id: z.string().exactOptional(),
  terms: z.string().exactOptional(),
  madeAt: InstantText.exactOptional(),
  renewedAt: InstantText.exactOptional(),
  expiresAt: InstantText.exactOptional(),
  endless: z.literal(true).exactOptional(),
  failures: z.int(),
  failure: z.string().exactOptional(),
  retryAt: InstantText.exactOptional(),
  heardAt: InstantText.exactOptional(),
  unannouncedAt: InstantText.exactOptional(),
  silentSince: InstantText.exactOptional(),
  ended: z.literal(true).exactOptional(),
  claimedUntil: InstantText.exactOptional(),
} satisfies Record<keyof Subscription, z.ZodType>);

const NoteSchema = SubscriptionSchema.pick({ heardAt: true, unannouncedAt: true });

/** For people to read; longer text is cut. */
const FAILURE_CHARS_MAX = 500;

/** Each round of a race has a winner, and few write one row at once. */
const RACE_ROUNDS_MAX = 20;

/** Rows `{bridge}:{hash of the resource}`, whose ids ignore case. */
export class TableSubscriptionStore implements SubscriptionStore {
  readonly #table: Table;

  constructor(tables: Tables) {
    this.#table = tables.table(TABLES.subscriptions);
  }

  async list(tenantId: TenantId, bridge: BridgeKey): Promise<readonly Subscription[]> {
    const partitionKey = tenantPartition(tenantId);
    const rows = await this.#table.list(partitionKey, prefixRange(`${keyPart(bridge)}:`));
    return rows.map((row) => decodeRow(SubscriptionSchema, partitionKey, row));
  }

  async get(
    tenantId: TenantId,
    bridge: BridgeKey,
    resourceHash: string,
  ): Promise<Subscription | undefined> {
    const partitionKey = tenantPartition(tenantId);
    const row = await this.#table.get(partitionKey, `${keyPart(bridge)}:${keyPart(resourceHash)}`);
    return row && decodeRow(SubscriptionSchema, partitionKey, row);
  }

  async change(
    tenantId: TenantId,
    { bridge, resource }: Pick<Subscription, 'bridge' | 'resource'>,
    next: (present: Subscription | undefined) => Subscription | undefined,
  ): Promise<Subscription | undefined> {
    const partitionKey = tenantPartition(tenantId);
    const rowKey = rowKeyOf(bridge, resource);
    for (let round = 1; ; round += 1) {
      const stored = await this.#table.get(partitionKey, rowKey);
      const wanted = next(stored && decodeRow(SubscriptionSchema, partitionKey, stored));
      if (wanted === undefined) return undefined;
      const row = { rowKey, values: valuesOf(wanted) };
      try {
        await this.#table.write(partitionKey, [
          stored === undefined
            ? { kind: 'insert', row }
            : { kind: 'replace', row, etag: stored.etag },
        ]);
        return wanted;
      } catch (error) {
        if (!isRace(error) || round === RACE_ROUNDS_MAX) throw error;
      }
    }
  }

  async note(
    tenantId: TenantId,
    { bridge, resource }: Pick<Subscription, 'bridge' | 'resource'>,
    noted: Partial<Pick<Subscription, 'heardAt' | 'unannouncedAt'>>,
  ): Promise<void> {
    const values = z.encode(NoteSchema, noted);
    const row = { rowKey: rowKeyOf(bridge, resource), values };
    await this.#table.write(tenantPartition(tenantId), [{ kind: 'merge', row }]);
  }
}

function valuesOf({ failure, ...rest }: Subscription): Row['values'] {
  return z.encode(SubscriptionSchema, {
    ...rest,
    ...(failure === undefined
      ? {}
      : { failure: failure.slice(0, FAILURE_CHARS_MAX).toWellFormed() }),
  });
}

function rowKeyOf(bridge: BridgeKey, resource: ResourceId): string {
  return `${keyPart(bridge)}:${resourceHashOf(resource)}`;
}
