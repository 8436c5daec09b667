import type { ExternalId, MappingId, PairId } from '../../model/ids.ts';
import type { Stamp, StampReading } from '../../model/snapshot.ts';
import type { GraphEvent } from './graph-schemas.ts';

/**
 * Named properties of ours on an event
 * (https://learn.microsoft.com/graph/api/resources/extended-properties-overview). The set's id is
 * part of their names and must never change, or our copies are no longer known.
 */
const SET = '{8f4b1c52-6d0e-4f0a-9a37-5b1d2c7e90f4}';
const NAMES = ['BridgeSource', 'BridgeEventId', 'BridgeSyncTimestamp', 'BridgeMapping'] as const;
type Name = (typeof NAMES)[number];

/** The marker of idempotency keys that are ours. */
const KEY_PREFIX = 'cb1.';

export interface ExtendedProperty {
  readonly id: string;
  readonly value: string;
}

function property(name: Name, value: string): ExtendedProperty {
  return { id: idOf(name), value };
}

function idOf(name: Name): string {
  return `String ${SET} Name ${name}`;
}

/** @param at ISO 8601. */
export function stampProperties(stamp: Stamp, at: string): readonly ExtendedProperty[] {
  return [
    property('BridgeSource', stamp.source),
    property('BridgeEventId', stamp.sourceId),
    property('BridgeMapping', mappingValue(stamp)),
    syncTimestamp(at),
  ];
}

export function syncTimestamp(at: string): ExtendedProperty {
  return property('BridgeSyncTimestamp', at);
}

/** `$expand` that shows the stamp of an event; delta takes none. */
export function stampExpand(): string {
  const filter = NAMES.map((name) => `id eq '${idOf(name)}'`).join(' or ');
  return `$expand=${encodeURIComponent(`singleValueExtendedProperties($filter=${filter})`)}`;
}

/** `$filter` that finds the events of one mapping. */
export function stampFilter(stamp: Stamp): string {
  const value = mappingValue(stamp).replaceAll("'", "''");
  const any = `singleValueExtendedProperties/Any(ep: ep/id eq '${idOf('BridgeMapping')}' and ep/value eq '${value}')`;
  return `$filter=${encodeURIComponent(any)}`;
}

/**
 * The stamp of an event that was read with `stampExpand`. One without an idempotency key of ours may
 * still bear our stamp: copy and paste takes it along.
 */
export function stampRead(event: GraphEvent): StampReading {
  const values = new Map<string, string>();
  for (const { id, value } of event.singleValueExtendedProperties ?? []) {
    // The set's id comes back in either case; the name is taken as it is.
    const [, set, name] = /^String (\{[^}]+\}) Name (.+)$/i.exec(id) ?? [];
    if (set?.toLowerCase() === SET && name !== undefined) values.set(name, value);
  }
  const source = values.get('BridgeSource' satisfies Name);
  const sourceId = values.get('BridgeEventId' satisfies Name);
  const [, pairId, mappingId] =
    /^([^:]+):(.+)$/.exec(values.get('BridgeMapping' satisfies Name) ?? '') ?? [];
  if (source === undefined || sourceId === undefined) return { state: 'none' };
  if (pairId === undefined || mappingId === undefined) return { state: 'none' };
  const stamp = {
    source,
    sourceId: sourceId as ExternalId,
    pairId: pairId as PairId,
    mappingId: mappingId as MappingId,
  };
  return { state: 'read', stamp };
}

/** What an event says of its stamp that was read without it. */
export function stampUnread({ transactionId }: GraphEvent): StampReading {
  return { state: transactionId?.startsWith(KEY_PREFIX) === true ? 'unread' : 'none' };
}

function mappingValue({ pairId, mappingId }: Stamp): string {
  return `${pairId}:${mappingId}`;
}
