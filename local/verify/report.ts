import type { RoomComparison } from './comparator.ts';

/** A room as it was compared, and what the bridge says of events that it holds back. */
export interface VerifiedRoom {
  readonly tenant: string;
  readonly comparison: RoomComparison;
  /** Reason → events of the pair that are not copied for it, or wait for a person. */
  readonly heldBack: Readonly<Record<string, number>>;
}

export interface VerifyReport {
  readonly text: string;
  /** Every room shows the same on both sides, what is past not counted. */
  readonly isEqual: boolean;
}

/** `…| 2026-11-24 10:00 - 2026-11-24 11:00`, the times of a line in Oslo; a title may look alike. */
const TIMES = / \| \d{4}-\d{2}-\d{2} \d{2}:\d{2} - (\d{4}-\d{2}-\d{2} \d{2}:\d{2})/g;

/**
 * A table of every room, then the lines that only one side has. What has ended by `now` (Oslo,
 * `YYYY-MM-DD HH:MM`) is told and makes no difference: the bridge does not copy what is past.
 */
export function verifyReport(rooms: readonly VerifiedRoom[], now: string): VerifyReport {
  const judged = rooms.map((room) => judge(room, now));
  const differing = judged.filter(({ differences }) => differences.length > 0);
  const last =
    differing.length === 0
      ? `${rooms.length} rooms, all equal.`
      : `${differing.length} of ${rooms.length} rooms differ.`;
  return {
    text: [...table(judged), ...judged.flatMap(details), '', last, ''].join('\n'),
    isEqual: differing.length === 0,
  };
}

interface Judged extends VerifiedRoom {
  /** Lines that only one side has, and that are not past. */
  readonly differences: readonly string[];
  readonly past: number;
}

function judge(room: VerifiedRoom, now: string): Judged {
  const { onlyInOutlook, onlyInBooking } = room.comparison;
  const lines = [
    ...onlyInOutlook.map((line) => `only in Outlook: ${line}`),
    ...onlyInBooking.map((line) => `only in the booking system: ${line}`),
  ];
  const differences = lines.filter((line) => endOf(line) > now);
  return { ...room, differences, past: lines.length - differences.length };
}

function endOf(line: string): string {
  return [...line.matchAll(TIMES)].at(-1)?.[1] ?? '9999';
}

const COLUMNS = ['tenant', 'resource', 'mailbox', 'Outlook', 'booking', 'past', 'verdict'];

function table(rooms: readonly Judged[]): string[] {
  const cells = rooms.map(({ tenant, comparison, differences, past }) => [
    tenant,
    comparison.room.resourceId,
    comparison.room.mailbox,
    String(comparison.inOutlook),
    String(comparison.inBooking),
    String(past),
    differences.length === 0 ? 'equal' : `differs by ${differences.length}`,
  ]);
  const widths = COLUMNS.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  return [COLUMNS, widths.map((width) => '-'.repeat(width)), ...cells].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function details({ tenant, comparison, differences, heldBack }: Judged): string[] {
  const reasons = Object.entries(heldBack).map(([reason, events]) => `${events} ${reason}`);
  if (differences.length === 0 && reasons.length === 0) return [];
  return [
    '',
    `${tenant}, ${comparison.room.mailbox}:`,
    ...differences.map((line) => `  ${line}`),
    ...(reasons.length === 0 ? [] : [`  held back by the bridge: ${reasons.join(', ')}`]),
  ];
}
