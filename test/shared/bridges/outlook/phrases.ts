import {
  UNBOUNDED,
  type BridgeWrite,
  type CreateWrite,
  type WriteOutcome,
} from '../../../../shared/bridges/bridge.ts';
import type { BridgeError } from '../../../../shared/model/errors.ts';
import type { EventContent } from '../../../../shared/model/fields.ts';
import type { ExternalId, MappingId, PairId } from '../../../../shared/model/ids.ts';
import type { Snapshot, SnapshotItem } from '../../../../shared/model/snapshot.ts';
import type { Duration, LocalDateTime } from '../../../../shared/model/time.ts';
import { WINDOW } from '../../../support/bridge-contract.ts';
import { OSLO, ROOM, type Json, type World } from './support.ts';

export const EVENTS = `/users/${ROOM}/events`;

export function content(day: number, members: Partial<EventContent> = {}): EventContent {
  return {
    title: `Møte ${day}`,
    description: '',
    start: `2026-10-${String(day).padStart(2, '0')}T10:00:00` as LocalDateTime,
    timeZone: OSLO,
    duration: 'PT1H' as Duration,
    showWithoutTime: false,
    freeBusyStatus: 'busy',
    ...members,
  };
}

export function create(n: number, generation = 0): CreateWrite {
  const mappingId = `m:b:mapping-${n}` as MappingId;
  return {
    kind: 'create',
    mappingId,
    content: content(1 + (n % 28)),
    idempotencyKey: `cb1.key-${n}-${generation}`,
    stamp: {
      source: 'booking_system',
      sourceId: `event:${n}` as ExternalId,
      pairId: 'pair_1-x' as PairId,
      mappingId,
    },
  };
}

export function write({ bridge }: World, ...writes: readonly BridgeWrite[]) {
  return bridge.write(ROOM, writes, UNBOUNDED);
}

export function read({ bridge }: World, cursor?: string): Promise<Snapshot> {
  return bridge.readChanges(ROOM, cursor, WINDOW, UNBOUNDED);
}

export async function created(place: World, n: number): Promise<SnapshotItem> {
  const [outcome] = await write(place, create(n));
  if (outcome?.kind !== 'applied' || outcome.item === undefined)
    throw new Error('not created', { cause: outcome });
  return outcome.item;
}

/** A native event, as Graph wants it, over one hour of a day in October. */
export function native(day: number, members: Json = {}): Json {
  const date = `2026-10-${String(day).padStart(2, '0')}`;
  return {
    subject: 'Native',
    start: { dateTime: `${date}T10:00:00`, timeZone: 'W. Europe Standard Time' },
    end: { dateTime: `${date}T11:00:00`, timeZone: 'W. Europe Standard Time' },
    ...members,
  };
}

export function failureOf(outcome: WriteOutcome | undefined): BridgeError | undefined {
  return outcome?.kind === 'failed' ? outcome.error : undefined;
}
