import type { CancelWrite, WriteOutcome } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { otherSide, type Side, type TenantId } from '../model/ids.ts';
import type { EventMapping } from '../model/mapping.ts';
import type { RemovalAuthor, RemovalItem } from '../model/removal.ts';
import type { ActionReport } from '../model/run.ts';
import type { AuditStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import { invariant } from '../util/invariant.ts';
import type { Ledger } from './ledger.ts';
import type { MappingChange } from './plan/mapping-change.ts';
import { isRemoved, notRemoved, removing, type RemovalState } from './plan/removal.ts';
import type { SideAccess } from './reading.ts';

export interface RemovingPorts {
  readonly state: RemovalState;
  readonly ledger: Ledger;
  readonly sides: Readonly<Record<Side, SideAccess>>;
  readonly clock: Clock;
  readonly tenantId: TenantId;
  readonly by: RemovalAuthor;
  readonly audit: AuditStore;
  /** True once the time is used up: what is left is put off. */
  readonly isSpent: () => boolean;
}

/** Removed and committed together; a side that stopped answering is asked so often at most. */
const CHUNK_MAX = 20;

interface Copy {
  readonly item: RemovalItem;
  readonly before: EventMapping;
  readonly write: CancelWrite;
}

/**
 * Removes the copies of a plan. Each row is committed as if its copy were gone before the write is
 * sent, so that a crash on either side of it leaves nothing a later pass could misread.
 */
export class Removing {
  readonly actions: ActionReport[] = [];
  readonly waitMs: Partial<Record<Side, number>> = {};
  removed = 0;
  kept = 0;
  left = 0;
  fault: BridgeError | undefined;
  readonly #ports: RemovingPorts;
  readonly #closed = new Set<Side>();

  constructor(ports: RemovingPorts) {
    this.#ports = ports;
  }

  /** Items that the looks showed. */
  get found(): Readonly<Record<Side, number>> {
    const { looks } = this.#ports.state;
    const alive = (side: Side): number =>
      [...looks[side].values()].filter(({ kind }) => kind === 'alive').length;
    return { a: alive('a'), b: alive('b') };
  }

  keep(items: readonly RemovalItem[]): void {
    this.kept += items.length;
    for (const item of items) this.#report(item, { action: 'keep', outcome: 'applied' });
  }

  /** @throws LeaseLostError, StorageError */
  async remove(side: Side, items: readonly RemovalItem[]): Promise<void> {
    const open = items.filter(({ done }) => done !== true);
    this.removed += items.length - open.length;
    for (let from = 0; from < open.length; from += CHUNK_MAX) {
      const chunk = open.slice(from, from + CHUNK_MAX);
      if (this.#closed.has(side) || this.#ports.isSpent()) {
        this.left += chunk.length;
        for (const item of chunk) this.#report(item, { action: 'delete', outcome: 'put-off' });
      } else await this.#removeChunk(side, chunk);
    }
  }

  async #removeChunk(side: Side, items: readonly RemovalItem[]): Promise<void> {
    const { ledger, sides, state } = this.#ports;
    const { bridge, resource } = sides[side];
    const copies = items.map((item) => this.#copyOf(item));
    await this.#audit(copies.map(({ item }) => [item, 'begun']));
    await ledger.commit(copies.map(({ before }) => removing(state, before)));
    const writes = copies.map(({ write }) => write);
    const outcomes = await bridge
      .write(resource, writes, ledger.context)
      .catch((error: unknown): readonly WriteOutcome[] => {
        if (!(error instanceof BridgeError)) throw error;
        return writes.map(() => ({ kind: 'failed', error }));
      });
    const told: [RemovalItem, string][] = [];
    const restored: MappingChange[] = [];
    for (const [index, { item, before }] of copies.entries()) {
      const outcome = outcomes[index];
      invariant(outcome !== undefined, 'one outcome for each write');
      told.push([item, this.#settle(item, outcome)]);
      if (isSurelyThere(outcome) && !isRemoved(before))
        restored.push(notRemoved(state, before, ledger.current(before)));
    }
    await ledger.commit(restored);
    await this.#audit(told);
  }

  #copyOf(item: RemovalItem): Copy {
    const { mappings, looks } = this.#ports.state;
    const { mappingId, side, eventId: id } = item;
    const before = mappings.find((mapping) => mapping.id === mappingId);
    const verdict = id === undefined ? undefined : looks[side].get(id);
    invariant(
      before !== undefined && id !== undefined && verdict?.kind === 'alive',
      'what is to be removed was seen',
    );
    const { version } = verdict.item;
    const condition = 'etag' in version ? { version } : {};
    return { item, before, write: { kind: 'cancel', mappingId, id, ...condition } };
  }

  /** What became of one copy, in a word for the audit. */
  #settle(item: RemovalItem, outcome: WriteOutcome): string {
    // Gone already is what was wanted.
    if (outcome.kind === 'applied' || outcome.kind === 'missing') {
      this.removed += 1;
      this.#report(item, { action: 'delete', outcome: 'applied' });
      return 'removed';
    }
    this.left += 1;
    if (outcome.kind !== 'failed') {
      const error = 'it was changed while it was to be removed';
      this.#report(item, { action: 'delete', outcome: 'failed', error });
      return 'kept: changed meanwhile';
    }
    const { error } = outcome;
    this.fault ??= error;
    this.#report(item, { action: 'delete', outcome: 'failed', error: error.message });
    if (error.kind === 'throttled')
      this.waitMs[item.side] = Math.max(this.waitMs[item.side] ?? 0, error.retryAfterMs ?? 0);
    if (STOPPED_BY.has(error.kind)) this.#closed.add(item.side);
    return `failed: ${error.kind}`;
  }

  #report(
    { mappingId, side, eventId, rule, reason }: RemovalItem,
    done: Pick<ActionReport, 'action' | 'outcome' | 'error'>,
  ): void {
    const mapping = this.#ports.state.mappings.find(({ id }) => id === mappingId);
    const original = mapping?.[otherSide(side)]?.id;
    this.actions.push({
      ...done,
      target: side,
      mappingId,
      ...(original === undefined ? {} : { sourceEventId: original }),
      ...(eventId === undefined ? {} : { targetEventId: eventId }),
      rule,
      reason,
    });
  }

  async #audit(entries: readonly (readonly [RemovalItem, string])[]): Promise<void> {
    const { audit, by, clock, tenantId } = this.#ports;
    const at = clock.now();
    await audit.append(
      tenantId,
      entries.map(([{ eventId, mappingId }, outcome]) => ({
        at,
        ...by,
        what: 'copy.remove',
        targetId: eventId ?? mappingId,
        outcome,
      })),
    );
  }
}

/** Nothing more is sent to a side that answers so. */
const STOPPED_BY: ReadonlySet<BridgeError['kind']> = new Set([
  'throttled',
  'unavailable',
  'auth-rejected',
  'invalid-response',
] as const);

/** Whether the write was refused for sure; one whose answer was lost may have been done. */
function isSurelyThere(outcome: WriteOutcome): boolean {
  if (outcome.kind === 'applied' || outcome.kind === 'missing') return false;
  if (outcome.kind !== 'failed') return true;
  return outcome.error.kind !== 'unavailable' && outcome.error.kind !== 'invalid-response';
}
