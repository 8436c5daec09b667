import { onTestFinished, type TestContext } from 'vitest';
import type {
  BridgeWrite,
  CalendarBridge,
  CallContext,
  CancelWrite,
  CreateWrite,
  UpdateWrite,
  WriteOutcome,
} from '../../../shared/bridges/bridge.ts';
import type { BridgeCapabilities } from '../../../shared/model/capabilities.ts';
import { allDayTimes, contactOf, slotOf } from '../../../shared/model/event.ts';
import type { EventContent, Field } from '../../../shared/model/fields.ts';
import type { ExternalId, MappingId, PairId, ResourceId } from '../../../shared/model/ids.ts';
import type { SnapshotItem, Stamp, Verdict, Window } from '../../../shared/model/snapshot.ts';
import {
  durationBetween,
  formatInstant,
  parseInstant,
  toLocal,
  type LocalDate,
  type TimeZoneId,
} from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';

/** How a system's next answer is spoilt: a web page in place of JSON, or JSON that stops midway. */
export type Breakage = 'html' | 'cut-json';

/** A bridge before a system of its own, and the hands of a person at that system. */
export interface BridgeHarness {
  readonly bridge: CalendarBridge;
  /** Empty at first. */
  readonly resource: ResourceId;
  /** Zone of the tenant. Both clock changes of `Europe/Oslo` are tried where it is that. */
  readonly timeZone: TimeZoneId;
  /** The system keeps wall clocks: the second 02:30 of an autumn night cannot be told. */
  readonly keepsWallClock?: true;
  /** Silence of the list is all there is: what is gone is known only after five minutes. */
  readonly cannotReadById?: true;
  /** A person makes an item. Members that the system cannot hold may be ignored. */
  readonly personCreates: (content: EventContent) => Promise<ExternalId>;
  /** A person changes the members that are given. */
  readonly personChanges: (id: ExternalId, change: Partial<EventContent>) => Promise<void>;
  readonly personRemoves: (id: ExternalId) => Promise<void>;
  /** A person takes the item to another resource. */
  readonly personMovesAway?: (id: ExternalId) => Promise<void>;
  /** All cursors handed out so far become too old. */
  readonly expireCursors?: () => Promise<void>;
  /** Spoils the answer of the next request, whatever it is. */
  readonly breakNext?: (how: Breakage) => Promise<void>;
  readonly dispose?: () => Promise<void>;
}

/** The clock of a harness should show about this time: all events of the suite lie after it. */
export const CONTRACT_NOW: Instant = instant('2026-09-15T08:00:00Z');

export const WINDOW: Window = {
  version: 1,
  start: instant('2026-09-14T00:00:00Z'),
  end: instant('2027-04-15T00:00:00Z'),
};

export function instant(text: string): Instant {
  const parsed = parseInstant(text);
  if (parsed === undefined) throw new Error(`${text} is no instant`);
  return parsed;
}

/** One test's view of a harness, with the phrases the tests are written in. */
export class Scene {
  readonly harness: BridgeHarness;
  readonly can: BridgeCapabilities;
  #created = 0;

  constructor(harness: BridgeHarness) {
    this.harness = harness;
    this.can = harness.bridge.capabilities;
  }

  /** A timed event; `from` and `to` are instants in ISO 8601. */
  timed(from: string, to: string, members: Partial<EventContent> = {}): EventContent {
    const slot = { start: instant(from), end: instant(to) };
    return {
      title: 'Formannskapet',
      description: 'Sak 1\nSak 2',
      start: toLocal(slot.start, this.harness.timeZone),
      timeZone: this.harness.timeZone,
      duration: durationBetween(slot),
      showWithoutTime: false,
      freeBusyStatus: 'busy',
      ...members,
    };
  }

  /** An event of one hour on its own day, different for each `n` up to 150. */
  nth(n: number, members: Partial<EventContent> = {}): EventContent {
    const start = instant('2026-09-20T10:00:00Z') + n * 86_400_000;
    const iso = (ms: number): string => formatInstant(ms as Instant);
    return this.timed(iso(start), iso(start + 3_600_000), { title: `Møte ${n}`, ...members });
  }

  allDay(date: string, days: number, members: Partial<EventContent> = {}): EventContent {
    return {
      title: 'Utleie',
      description: '',
      freeBusyStatus: 'busy',
      ...allDayTimes(date as LocalDate, days),
      ...members,
    };
  }

  createOf(content: EventContent, idempotencyKey?: string): CreateWrite {
    this.#created += 1;
    const mappingId = `m:a:contract-${this.#created}` as MappingId;
    return {
      kind: 'create',
      mappingId,
      content,
      idempotencyKey: idempotencyKey ?? `cb1.contract-${this.#created}`,
      stamp: this.stampOf(mappingId),
    };
  }

  updateOf(
    item: Pick<SnapshotItem, 'id'> & Partial<Pick<SnapshotItem, 'version'>>,
    fields: readonly Field[],
    content: EventContent,
  ): UpdateWrite {
    const mappingId = 'm:a:contract-1' as MappingId;
    const { id, version } = item;
    return {
      kind: 'update',
      mappingId,
      id,
      fields,
      content,
      ...(version === undefined ? {} : { version }),
      stamp: this.stampOf(mappingId),
    };
  }

  cancelOf(item: Pick<SnapshotItem, 'id'> & Partial<Pick<SnapshotItem, 'version'>>): CancelWrite {
    const { id, version } = item;
    return {
      kind: 'cancel',
      mappingId: 'm:a:contract-1' as MappingId,
      id,
      ...(version === undefined ? {} : { version }),
    };
  }

  stampOf(mappingId: MappingId): Stamp {
    return {
      source: 'contract',
      sourceId: 'event:17' as ExternalId,
      pairId: 'contractpair' as PairId,
      mappingId,
    };
  }

  write(...writes: readonly BridgeWrite[]): Promise<readonly WriteOutcome[]> {
    return this.harness.bridge.write(this.harness.resource, writes, freely);
  }

  async writeOne(write: BridgeWrite): Promise<WriteOutcome> {
    const [outcome] = await this.write(write);
    if (outcome === undefined) throw new Error('a write had no outcome');
    return outcome;
  }

  /** The system's own account of a write that must have been applied. */
  async applied(write: BridgeWrite): Promise<SnapshotItem> {
    const outcome = await this.writeOne(write);
    if (outcome.kind !== 'applied' || outcome.item === undefined)
      throw new Error(`a ${write.kind} was ${outcome.kind}, or answered without its item`, {
        cause: outcome.kind === 'failed' ? outcome.error : undefined,
      });
    return outcome.item;
  }

  async look(id: ExternalId): Promise<Verdict> {
    const [verdict] = await this.harness.bridge.readItems(this.harness.resource, [id], freely);
    if (verdict === undefined) throw new Error('a read by id had no verdict');
    return verdict;
  }

  /** What is found of an item that was missed ten minutes ago. */
  async confirm(id: ExternalId): Promise<Verdict> {
    const missingSince = (CONTRACT_NOW - 10 * 60_000) as Instant;
    const { bridge, resource } = this.harness;
    const candidates = [{ id, missingSince }];
    const [verdict] = await bridge.confirmGone(resource, candidates, WINDOW, freely);
    if (verdict === undefined) throw new Error('a confirmation had no verdict');
    return verdict;
  }

  /** The item as a read by id shows it; it must be alive. */
  async read(id: ExternalId): Promise<SnapshotItem> {
    const verdict = await this.look(id);
    if (verdict.kind !== 'alive') throw new Error(`${id} is ${JSON.stringify(verdict)}`);
    return verdict.item;
  }

  readChanges(cursor?: string, window: Window = WINDOW) {
    return this.harness.bridge.readChanges(this.harness.resource, cursor, window, freely);
  }

  /** What a complete read shows. */
  async list(window: Window = WINDOW): Promise<readonly SnapshotItem[]> {
    const snapshot = await this.readChanges(undefined, window);
    if (snapshot.kind !== 'complete') throw new Error('a read without a cursor was not complete');
    return snapshot.items;
  }

  /** The fields that `item` shows, in a form that can be compared. */
  fieldsOf(item: SnapshotItem): Partial<Record<Field, unknown>> {
    return Object.fromEntries(item.shown.map((field) => [field, this.#valueOf(field, item)]));
  }

  /** What an event must look like once the system holds it, cut to what it can show and write. */
  expected(content: EventContent, item: SnapshotItem): Partial<Record<Field, unknown>> {
    const { writable } = this.can;
    const event = { ...item.event, ...content };
    return Object.fromEntries(
      item.shown
        .filter((field) => writable.includes(field) && field !== 'contact')
        .map((field) => [field, this.#valueOf(field, { event })]),
    );
  }

  #valueOf(field: Field, { event }: Pick<SnapshotItem, 'event'>): unknown {
    switch (field) {
      case 'title':
        return event.title;
      case 'description':
        return event.description;
      case 'contact': {
        const { name, email } = contactOf(event) ?? {};
        return { name, email };
      }
      case 'slot': {
        const { start, end } = slotOf(event, this.harness.timeZone);
        const allDay = this.can.allDay && event.showWithoutTime;
        return { start: formatInstant(start), end: formatInstant(end), allDay };
      }
    }
  }
}

/** Outside of any pass: every call may go out. */
export const freely: CallContext = { beforeCall: async () => {} };

/** Makes a scene for one test, and puts it away afterwards. */
export async function stage(make: () => Promise<BridgeHarness>): Promise<Scene> {
  const harness = await make();
  onTestFinished(async () => harness.dispose?.());
  return new Scene(harness);
}

/** Ends a test of what this bridge declares it cannot do. */
export function needs(context: TestContext, ability: boolean, what: string): void {
  context.skip(!ability, what);
}
