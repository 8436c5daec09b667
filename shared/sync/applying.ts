import type { BridgeWrite, WriteOutcome } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { otherSide, SIDES, type Side } from '../model/ids.ts';
import { assertNever, invariant } from '../util/invariant.ts';
import type { Ledger, Tally } from './ledger.ts';
import {
  copied,
  created,
  deleted,
  endingCopy,
  intended,
  sending,
  updated,
} from './plan/outcome.ts';
import { unitOf } from './plan/losses.ts';
import { parkedAfterFailure } from './plan/parked.ts';
import { failed, lost, slotTaken, startsAnew, suspendedOn } from './plan/setbacks.ts';
import type { MappingChange } from './plan/mapping-change.ts';
import { overtakenOn, slotLost } from './plan/unsettled.ts';
import type { Step } from './plan/slots.ts';
import {
  chunks,
  isEnded,
  rememberedBy,
  resultOf,
  resumesOf,
  Units,
  writesTo,
  type Application,
  type Applied,
} from './application.ts';
import type {
  CreateAction,
  DeleteAction,
  PlanState,
  SyncAction,
  UpdateAction,
} from './plan/state.ts';
import { SideError, type SideAccess } from './reading.ts';
import { SideTroubles } from './side-troubles.ts';
import { cancelWrite, createWrite, updateWrite } from './writes.ts';

type WriteAction = CreateAction | UpdateAction | DeleteAction;

/** Told of each copy that is about to be ended, and of those that then were not. */
export type DeletionListener = (
  actions: readonly DeleteAction[],
  what: 'asked' | 'not-done',
) => Promise<void>;

export interface ApplyPorts {
  readonly sides: Readonly<Record<Side, SideAccess>>;
  readonly ledger: Ledger;
  readonly state: PlanState;
  /** True once the run has used up its time: what is left is put off. */
  readonly isSpent: () => boolean;
  readonly onDelete: DeletionListener;
  /** How long an event rests after so many failures in a row, in ms. */
  readonly backoff: (failures: number) => number;
}

/**
 * Applies a plan without open questions: what is only remembered first, then deletes, updates in an
 * order in which slots are free, and creates, each with its intent stored before it is sent.
 * @throws SideError, LeaseLostError, StorageError
 */
export async function applyPlan(
  actions: readonly SyncAction[],
  ports: ApplyPorts,
): Promise<Application> {
  const run = new Applying(ports);
  await run.remember(actions);
  for (const target of SIDES) {
    const on = actions.filter((action): action is WriteAction => writesTo(action) === target);
    await run.delete(
      target,
      on.filter((action) => action.kind === 'delete'),
    );
    await run.update(
      target,
      on.filter(
        (action): action is UpdateAction => action.kind === 'update' || action.kind === 'restore',
      ),
    );
    await run.create(
      target,
      on.filter((action) => action.kind === 'create'),
    );
  }
  return run;
}

class Applying implements Application {
  readonly done: Applied[] = [];
  overtaken = false;
  isHalfWay = false;
  readonly #ports: ApplyPorts;
  readonly #troubles = new SideTroubles();

  constructor(ports: ApplyPorts) {
    this.#ports = ports;
  }

  get waitMs(): Application['waitMs'] {
    return this.#troubles.waitMs;
  }

  async remember(actions: readonly SyncAction[]): Promise<void> {
    const { state, ledger } = this.#ports;
    const changes: MappingChange[] = [];
    for (const action of actions) {
      if (writesTo(action) !== undefined) continue;
      const change = rememberedBy(state, action);
      if (change !== undefined) changes.push(change);
      this.done.push({ action, outcome: 'applied' });
    }
    await ledger.commit(changes);
  }

  async delete(target: Side, actions: readonly DeleteAction[]): Promise<void> {
    const { ledger, state, onDelete } = this.#ports;
    const units = new Units();
    for (const chunk of chunks(actions)) {
      if (this.#troubles.isClosed(target) || this.#ports.isSpent()) {
        this.#putOff(chunk);
        continue;
      }
      // Before it is asked for: of a copy that was ended, and of no other, a row may be missing else.
      await onDelete(chunk, 'asked');
      await ledger.commit(chunk.map((action) => endingCopy(state, action)));
      const outcomes = await this.#write(
        target,
        chunk.map((action) => cancelWrite(action)),
      );
      if (outcomes === undefined) {
        this.#putOff(chunk);
        continue;
      }
      const isDone = (index: number): boolean => isEnded(outcomes[index]);
      const left = chunk.filter((_, index) => !isDone(index));
      if (left.length > 0) await onDelete(left, 'not-done');
      const gone = chunk.filter(({ exempt }, index) => exempt !== true && isDone(index));
      const count = units.added(gone.map(({ mapping }) => unitOf(mapping, otherSide(target))));
      const changeOf = (action: DeleteAction, outcome: WriteOutcome): MappingChange | undefined =>
        isEnded(outcome) ? deleted(state, action) : undefined;
      const tally: Tally = { kind: 'deletions', side: otherSide(target), count };
      await this.#settle(target, chunk, outcomes, changeOf, tally);
    }
  }

  async update(target: Side, actions: readonly UpdateAction[]): Promise<void> {
    const { state, sides } = this.#ports;
    if (!state.capabilities[target].exclusiveSlots) {
      for (const chunk of chunks(actions)) await this.#update(target, chunk);
      return;
    }
    for (const step of resumesOf(this.#ports.ledger.mappings(), target, actions, state)) {
      if (step.kind === 'write') await this.#update(target, [step.action]);
      else await this.#slotStep(step, sides[target]);
    }
  }

  async #update(target: Side, chunk: readonly UpdateAction[]): Promise<void> {
    const { ledger, state } = this.#ports;
    if (this.#troubles.isClosed(target) || this.#ports.isSpent()) {
      this.#putOff(chunk);
      return;
    }
    await ledger.commit(
      chunk.map((action) => sending(state, action, ledger.current(action.mapping))),
    );
    const outcomes = await this.#write(
      target,
      chunk.map((action) => {
        const mapping = this.#ports.ledger.current(action.mapping);
        return updateWrite(this.#ports.state, action, mapping, this.#sourceOf(target));
      }),
    );
    if (outcomes === undefined) {
      this.#putOff(chunk);
      return;
    }
    await this.#settle(target, chunk, outcomes, (action, outcome) => {
      // Steps before this one may have changed the mapping (an exchange of slots).
      const mapping = this.#ports.ledger.current(action.mapping);
      if (outcome.kind === 'applied' && outcome.item !== undefined)
        return updated(this.#ports.state, { ...action, mapping }, outcome.item);
      if (outcome.kind === 'slot-taken')
        return slotTaken(this.#ports.state, mapping, target, outcome.detail);
      return undefined;
    });
  }

  /** Each step of an exchange is stored before it is done, so that a crash cannot lose an item. */
  async #slotStep(step: Exclude<Step, { kind: 'write' }>, access: SideAccess): Promise<void> {
    const { ledger, state } = this.#ports;
    const mapping = ledger.current(step.mapping);
    const id = mapping[step.target]?.id;
    invariant(id !== undefined, 'an item in an exchange of slots has an id');
    if (step.kind === 'suspend') await ledger.commit([suspendedOn(state, mapping, step.target)]);
    const write = { kind: step.kind, mappingId: mapping.id, id };
    const [outcome] = (await this.#write(step.target, [write])) ?? [];
    if (outcome?.kind === 'applied') {
      if (step.kind === 'resume')
        await ledger.commit([suspendedOn(state, ledger.current(step.mapping), undefined)]);
      return;
    }
    // It stays noted as suspended; every pass looks at it until it is active again.
    this.#noteFailure(access, step.target, outcome);
    if (step.kind === 'suspend') this.#troubles.close(step.target);
    if (outcome?.kind !== 'slot-taken') {
      this.isHalfWay = true;
      return;
    }
    const taken = slotLost(state, ledger.current(step.mapping), step.target);
    if (taken !== undefined) await ledger.commit([taken]);
  }

  async create(target: Side, actions: readonly CreateAction[]): Promise<void> {
    const { state, ledger } = this.#ports;
    const units = new Units();
    for (const chunk of chunks(actions)) {
      if (this.#troubles.isClosed(target) || this.#ports.isSpent()) {
        this.#putOff(chunk);
        continue;
      }
      await ledger.commit(chunk.map((action) => intended(state, action)));
      const outcomes = await this.#write(
        target,
        chunk.map((action) =>
          createWrite(state, action, ledger.current(action.mapping), this.#sourceOf(target)),
        ),
      );
      if (outcomes === undefined) {
        this.#putOff(chunk);
        continue;
      }
      const made = chunk.filter(
        ({ exempt }, index) => exempt !== true && outcomes[index]?.kind === 'applied',
      );
      const count = units.added(made.map(({ source, mapping }) => source.masterId ?? mapping.id));
      const tally: Tally = { kind: 'creates', side: target, count };
      const changeOf = (action: CreateAction, outcome: WriteOutcome) => {
        const mapping = ledger.current(action.mapping);
        switch (outcome.kind) {
          case 'applied':
            return outcome.item === undefined
              ? lost(state, mapping)
              : created(state, action, mapping, outcome.item);
          case 'duplicate':
            return outcome.item === undefined
              ? lost(state, mapping)
              : copied(state, action, mapping, outcome.item);
          case 'slot-taken':
            return slotTaken(state, mapping, target, outcome.detail);
          case 'stale':
          case 'missing':
          case 'failed':
            return undefined;
          default:
            return assertNever(outcome);
        }
      };
      await this.#settle(target, chunk, outcomes, changeOf, tally);
    }
  }

  /** Undefined where nothing may be sent to that side any more. */
  async #write(
    target: Side,
    writes: readonly BridgeWrite[],
  ): Promise<readonly WriteOutcome[] | undefined> {
    if (this.#troubles.isClosed(target) || this.#ports.isSpent()) return undefined;
    const { bridge, resource } = this.#ports.sides[target];
    try {
      return await bridge.write(resource, writes, this.#ports.ledger.context);
    } catch (error) {
      throw error instanceof BridgeError ? new SideError(target, error) : error;
    }
  }

  /** Commits what was done; `changeOf` gives the row of an outcome that is no failure. */
  async #settle<A extends WriteAction>(
    target: Side,
    actions: readonly A[],
    outcomes: readonly WriteOutcome[],
    changeOf: (action: A, outcome: WriteOutcome) => MappingChange | undefined,
    tally?: Tally,
  ): Promise<void> {
    const { ledger, state, sides, backoff } = this.#ports;
    const changes = actions.flatMap((action, index) => {
      const outcome = outcomes[index];
      invariant(outcome !== undefined, 'one outcome for each write');
      const change = changeOf(action, outcome);
      const hadFailed = action.mapping.state === 'error';
      const error = this.#noteFailure(sides[target], target, outcome, hadFailed);
      const item = 'item' in outcome ? outcome.item : undefined;
      // A copy that was looked for long enough is made by the next round of this run.
      const isAnew =
        change !== undefined && startsAnew(ledger.current(action.mapping), change.mapping);
      if (isAnew) this.overtaken = true;
      const isParked = error !== undefined && !this.#troubles.isClosed(target);
      this.done.push({
        action,
        outcome: resultOf(outcome, change),
        ...(item === undefined ? {} : { target: { item } }),
        ...(error === undefined ? {} : { error }),
        ...(isParked ? { isParked } : {}),
      });
      if (error !== undefined) {
        const failure = change ?? failed(state, ledger.current(action.mapping), error.message);
        const restOf = isAnew ? () => 0 : backoff;
        return [isParked ? parkedAfterFailure(state, failure, restOf) : failure];
      }
      if (change !== undefined) return [change];
      if (outcome.kind === 'stale' || outcome.kind === 'missing')
        return [overtakenOn(state, ledger.current(action.mapping), target)];
      return [];
    });
    await ledger.commit(changes, tally);
  }

  /** @param hadFailed The event failed in the run before, too. */
  #noteFailure(
    access: SideAccess,
    target: Side,
    outcome: WriteOutcome | undefined,
    hadFailed = false,
  ): BridgeError | undefined {
    if (outcome?.kind === 'stale' || outcome?.kind === 'missing') this.overtaken = true;
    // A copy that was there already is compared by the next round, from the same reads.
    if (outcome?.kind === 'duplicate' && outcome.item !== undefined) this.overtaken = true;
    if (outcome?.kind === 'duplicate' && outcome.item === undefined)
      return new BridgeError(
        'conflict',
        `${access.bridge.key} says the copy was made before, but does not show it`,
      );
    if (outcome?.kind !== 'failed') return undefined;
    this.#troubles.note(target, outcome.error, hadFailed);
    return outcome.error;
  }

  #sourceOf(target: Side) {
    return this.#ports.sides[otherSide(target)].bridge.key;
  }

  #putOff(actions: readonly WriteAction[]): void {
    for (const action of actions) this.done.push({ action, outcome: 'put-off' });
  }
}
