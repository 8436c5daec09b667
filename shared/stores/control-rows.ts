import * as z from 'zod';
import type { Side } from '../model/ids.ts';
import type { Instant } from '../util/clock.ts';
import { fromBrakeRow, fromDecisionRow, NO_BRAKE } from './brake-row.ts';
import { decodeRow, fromChunks, InstantText, toChunks } from './codecs.ts';
import { brakeKey, CONTROL } from './keys.ts';
import type {
  BrakeRow,
  ControlRows,
  CursorRow,
  LeaseFacts,
  LeaseFactsPatch,
  SignalRow,
  WindowRow,
} from './ports.ts';
import type { Row, StoredRow } from './table.ts';

/** 0.86 MiB of UTF-16, so that the row stays under the 0.9 MiB that we allow ourselves. */
const CURSOR_CHARS_MAX = 450_000;

const LeaseRowSchema = z.object({
  holder: z.string(),
  /** Absent while nobody holds the pair. */
  expiresAt: InstantText.exactOptional(),
  passOpen: z.boolean(),
  intents: z.int(),
  mapped: z.int().exactOptional(),
  missed: z.int().exactOptional(),
  blockedUntilA: InstantText.exactOptional(),
  blockedUntilB: InstantText.exactOptional(),
  failures: z.int(),
  failingSince: InstantText.exactOptional(),
  retryAt: InstantText.exactOptional(),
  parked: z.int().exactOptional(),
  parkedDueAt: InstantText.exactOptional(),
  ended: z.boolean().exactOptional(),
  nextDueAt: InstantText.exactOptional(),
  readAt: InstantText.exactOptional(),
  commitId: z.string(),
});

const CursorRowSchema = z.object({
  windowVersion: z.int(),
  digest: z.string().exactOptional(),
  planVersion: z.string(),
  completeAt: InstantText.exactOptional(),
  hasCursor: z.boolean(),
});

const WindowRowSchema = z.object({
  start: InstantText,
  end: InstantText,
  version: z.int(),
  rebasedAt: InstantText,
});

const SignalRowSchema = z.object({
  raised: z.int(),
  state: z.enum(['raising', 'queued']),
  sentAt: InstantText.exactOptional(),
  seen: z.int(),
});

/** Who holds the pair, and until when. */
export interface Holding {
  readonly holder: string;
  readonly expiresAt?: Instant;
  readonly commitId: string;
}

const NO_FACTS: LeaseFacts = { passOpen: false, intents: 0, blockedUntil: {}, failures: 0 };
const DECISION_PREFIX = 'c:decision:';
export const NO_SIGNAL: SignalRow = { raised: 0, state: 'raising', seen: 0 };

export function patchFacts(facts: LeaseFacts, patch: LeaseFactsPatch): LeaseFacts {
  const { failingSince, retryAt, parkedDueAt, nextDueAt, ...rest } = { ...facts, ...patch };
  return {
    ...rest,
    ...(failingSince === undefined ? {} : { failingSince }),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(parkedDueAt === undefined ? {} : { parkedDueAt }),
    ...(nextDueAt === undefined ? {} : { nextDueAt }),
  };
}

export function toLeaseRow(facts: LeaseFacts, holding: Holding): Row {
  const { blockedUntil, commitId: _, ...rest } = facts;
  const { a, b } = blockedUntil;
  const values = z.encode(LeaseRowSchema, {
    ...rest,
    ...(a === undefined ? {} : { blockedUntilA: a }),
    ...(b === undefined ? {} : { blockedUntilB: b }),
    ...holding,
  });
  return { rowKey: CONTROL.lease, values };
}

export function fromLeaseRow(
  partitionKey: string,
  row: StoredRow,
): { readonly facts: LeaseFacts; readonly holding: Holding } {
  const { holder, expiresAt, blockedUntilA, blockedUntilB, ...rest } = decodeRow(
    LeaseRowSchema,
    partitionKey,
    row,
  );
  const blockedUntil = {
    ...(blockedUntilA === undefined ? {} : { a: blockedUntilA }),
    ...(blockedUntilB === undefined ? {} : { b: blockedUntilB }),
  };
  const { commitId } = rest;
  const until = expiresAt === undefined ? {} : { expiresAt };
  return { facts: { ...rest, blockedUntil }, holding: { holder, commitId, ...until } };
}

/** @throws StorageError `too-large` */
export function toCursorRow(side: Side, { cursor, ...row }: CursorRow): Row {
  const chunks = toChunks('cursor', cursor ?? '', CURSOR_CHARS_MAX);
  const values = z.encode(CursorRowSchema, { ...row, hasCursor: cursor !== undefined });
  return { rowKey: CONTROL[side], values: { ...values, ...chunks } };
}

function fromCursorRow(partitionKey: string, row: StoredRow): CursorRow {
  const { hasCursor, ...rest } = decodeRow(CursorRowSchema, partitionKey, row);
  return hasCursor ? { ...rest, cursor: fromChunks('cursor', row.values) } : rest;
}

export function toWindowRow(row: WindowRow): Row {
  return { rowKey: CONTROL.window, values: z.encode(WindowRowSchema, row) };
}

export function toSignalRow(signal: SignalRow): Row {
  return { rowKey: CONTROL.signal, values: z.encode(SignalRowSchema, signal) };
}

export function fromSignalRow(partitionKey: string, row: StoredRow): SignalRow {
  return decodeRow(SignalRowSchema, partitionKey, row);
}

/** The control rows of a pair as one query gave them, with what it takes to write them again. */
export interface StoredControl {
  readonly control: ControlRows;
  readonly holding?: Holding;
  readonly leaseEtag?: string;
  readonly signalEtag?: string;
}

/** @throws DamagedRowError */
export function fromControlRows(partitionKey: string, rows: readonly StoredRow[]): StoredControl {
  const find = (rowKey: string): StoredRow | undefined => rows.find((row) => row.rowKey === rowKey);
  const [leaseRow, signalRow, windowRow] = [
    find(CONTROL.lease),
    find(CONTROL.signal),
    find(CONTROL.window),
  ];
  const [a, b] = [find(CONTROL.a), find(CONTROL.b)];
  const brakeOn = (side: Side): BrakeRow => {
    const row = find(brakeKey(side));
    return row === undefined ? NO_BRAKE : fromBrakeRow(partitionKey, row);
  };
  const lease = leaseRow && fromLeaseRow(partitionKey, leaseRow);
  return {
    control: {
      lease: lease?.facts ?? NO_FACTS,
      signal: signalRow ? fromSignalRow(partitionKey, signalRow) : NO_SIGNAL,
      brake: { a: brakeOn('a'), b: brakeOn('b') },
      decisions: rows
        .filter(({ rowKey }) => rowKey.startsWith(DECISION_PREFIX))
        .map((row) => fromDecisionRow(partitionKey, row)),
      ...(a ? { a: fromCursorRow(partitionKey, a) } : {}),
      ...(b ? { b: fromCursorRow(partitionKey, b) } : {}),
      ...(windowRow ? { window: decodeRow(WindowRowSchema, partitionKey, windowRow) } : {}),
    },
    ...(lease ? { holding: lease.holding } : {}),
    ...(leaseRow ? { leaseEtag: leaseRow.etag } : {}),
    ...(signalRow ? { signalEtag: signalRow.etag } : {}),
  };
}
