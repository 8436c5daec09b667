import {
  isPending,
  parseHoldId,
  type Hold,
  type HoldDecision,
  type HoldId,
} from '../model/hold.ts';
import type { TenantId } from '../model/ids.ts';
import { QUEUES } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import { HoldError, type HoldStore, type TenantHold } from '../stores/hold-ports.ts';
import type { SyncStore, WorkStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import { decidedBrakes } from './holding.ts';

export interface HoldPorts {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly work: WorkStore;
  readonly queue: Pick<QueueSender, 'send'>;
}

/** Lists come from copies; whatever waits in them is read where it is decided, in the pair's rows. */
export class HoldService implements HoldStore {
  readonly #ports: HoldPorts;

  constructor(ports: HoldPorts) {
    this.#ports = ports;
  }

  async list(tenantId: TenantId): Promise<readonly TenantHold[]> {
    const found: TenantHold[] = [];
    for (const copy of await this.#ports.work.listHolds(tenantId)) {
      const hold = isPending(copy) ? await this.#stored(tenantId, copy.id) : copy;
      if (hold !== undefined) found.push({ ...hold, tenantId });
    }
    const isOpen = ({ state }: Hold): number => (state === 'open' ? 0 : 1);
    return found.sort((one, other) => isOpen(one) - isOpen(other) || other.since - one.since);
  }

  async get(tenantId: TenantId, holdId: HoldId): Promise<TenantHold | undefined> {
    const stored = await this.#stored(tenantId, holdId);
    if (stored !== undefined) return { ...stored, tenantId };
    if (parseHoldId(holdId) === undefined) return undefined;
    const copies = await this.#ports.work.listHolds(tenantId);
    const copy = copies.find((hold) => hold.id === holdId && !isPending(hold));
    return copy && { ...copy, tenantId };
  }

  async decide(
    tenantId: TenantId,
    holdId: HoldId,
    decision: HoldDecision,
    who: string,
  ): Promise<TenantHold> {
    const { clock, store } = this.#ports;
    const hold = await this.get(tenantId, holdId);
    if (hold === undefined) throw new HoldError('unknown', `there is no hold ${holdId}`);
    const now = clock.now();
    if (hold.state === 'expired' || (hold.state === 'open' && now >= hold.expiresAt))
      throw new HoldError('expired', `the hold ${holdId} has expired: its events are kept`);
    const late = new HoldError('already-decided', `the hold ${holdId} is decided already`);
    if (hold.state !== 'open') throw late;
    const rows = store.forPair(tenantId, hold.pairId);
    const row = { holdId, decision, who, at: now };
    if (!(await rows.decide(hold, row))) throw late;
    await this.#wake(tenantId, hold);
    const state = decision === 'approve' ? 'approved' : 'rejected';
    return { ...hold, state, decidedBy: who, decidedAt: now };
  }

  async #stored(tenantId: TenantId, holdId: HoldId): Promise<Hold | undefined> {
    const { clock, store } = this.#ports;
    const place = parseHoldId(holdId);
    if (place === undefined) return undefined;
    const control = await store.forPair(tenantId, place.pairId).readControl();
    return decidedBrakes(control, clock.now())[place.side].holds.find(({ id }) => id === holdId);
  }

  /** A run that is under way goes round for it; else a job does it at once. */
  async #wake(tenantId: TenantId, { pairId }: Hold): Promise<void> {
    const rows = this.#ports.store.forPair(tenantId, pairId);
    const { count, send, delayMs } = await rows.raise();
    if (send === 'no') return;
    await this.#ports.queue.send(
      QUEUES.sync,
      { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', signal: count },
      { delayMs },
    );
    await rows.markSent(count);
  }
}
