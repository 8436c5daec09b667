import {
  isPending,
  parseHoldId,
  type Hold,
  type HoldDecision,
  type HoldId,
} from '../model/hold.ts';
import type { RunId, TenantId } from '../model/ids.ts';
import { QUEUES } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import {
  HoldError,
  type DecidedHold,
  type HoldStore,
  type TenantHold,
} from '../stores/hold-ports.ts';
import type { RunStore, SyncStore, WorkStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';
import { decidedBrakes } from './holding.ts';

export interface HoldPorts {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly work: WorkStore;
  readonly runs: RunStore;
  readonly queue: Pick<QueueSender, 'send'>;
  readonly newRunId: () => RunId;
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
    reason?: string,
  ): Promise<DecidedHold> {
    const { clock, store } = this.#ports;
    const hold = await this.get(tenantId, holdId);
    if (hold === undefined) throw new HoldError('unknown', `there is no hold ${holdId}`);
    const now = clock.now();
    if (hold.state === 'expired' || (hold.state === 'open' && now >= hold.expiresAt))
      throw new HoldError('expired', `the hold ${holdId} has expired: its events are kept`);
    const late = new HoldError('already-decided', `the hold ${holdId} is decided already`);
    if (hold.state !== 'open') throw late;
    const rows = store.forPair(tenantId, hold.pairId);
    const said = reason === undefined ? {} : { reason };
    const row = { holdId, decision, who, at: now, ...said };
    if (!(await rows.decide(hold, row))) throw late;
    const runId = await this.#wake(tenantId, hold);
    const state = decision === 'approve' ? 'approved' : 'rejected';
    const why = reason === undefined ? {} : { decisionReason: reason };
    return { hold: { ...hold, state, decidedBy: who, decidedAt: now, ...why }, runId };
  }

  async #stored(tenantId: TenantId, holdId: HoldId): Promise<Hold | undefined> {
    const { clock, store } = this.#ports;
    const place = parseHoldId(holdId);
    if (place === undefined) return undefined;
    const control = await store.forPair(tenantId, place.pairId).readControl();
    return decidedBrakes(control, clock.now())[place.side].holds.find(({ id }) => id === holdId);
  }

  /** A run that is under way goes round for it; the one that can be asked for comes in any case. */
  async #wake(tenantId: TenantId, { pairId }: Hold): Promise<RunId> {
    const { store, runs, queue, newRunId } = this.#ports;
    const rows = store.forPair(tenantId, pairId);
    const runId = newRunId();
    const { count: signal } = await rows.raise();
    await runs.queued(tenantId, pairId, runId);
    const job = { v: 1, kind: 'sync', tenantId, pairId, cause: 'person', runId, signal } as const;
    await queue.send(QUEUES.sync, job);
    await rows.markSent(signal);
    return runId;
  }
}
