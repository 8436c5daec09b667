import type { CalendarBridge } from '../../../shared/bridges/bridge.ts';
import type { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import { slotOf } from '../../../shared/model/event.ts';
import { formatInstant } from '../../../shared/model/time.ts';
import type { RunReport } from '../../../shared/sync/run-report.ts';
import { OSLO, ROOM, type WorldOptions } from '../../support/memory-world.ts';

/** Side b as able as side a: it tells changes, keeps stamps and takes overlaps. */
export const BOTH_TELL: WorldOptions = {
  b: {
    capabilities: {
      changes: 'delta',
      exclusiveSlots: false,
      stamps: true,
      lastModified: true,
      canBlank: true,
      conditionalWrites: true,
      writesPerRequestMax: 20,
    },
  },
};

/** `title | description | start/end` of each item of the room, sorted. */
export function shown(bridge: MemoryBridge): string[] {
  return bridge
    .itemsOf(ROOM)
    .map(({ event }) => {
      const { start, end } = slotOf(event, OSLO);
      return `${event.title} | ${event.description} | ${formatInstant(start)}/${formatInstant(end)}`;
    })
    .sort();
}

interface Running {
  readonly a: MemoryBridge;
  readonly b: MemoryBridge;
}

/**
 * Runs until a run changes nothing on either side.
 * @returns how many runs it took, the quiet one included
 */
export async function settle(
  { a, b }: Running,
  run: () => Promise<RunReport | undefined>,
  runsMax = 5,
): Promise<number> {
  for (let runs = 1; runs <= runsMax; runs += 1) {
    const before = a.calendar.sequence + b.calendar.sequence;
    await run();
    if (before === a.calendar.sequence + b.calendar.sequence) return runs;
  }
  throw new Error(`${runsMax} runs did not settle the pair`);
}

/** A bridge of which some methods are other ones. */
export function withMethods(
  bridge: CalendarBridge,
  methods: Partial<
    Pick<CalendarBridge, 'readChanges' | 'readItems' | 'confirmGone' | 'write' | 'push'>
  >,
): CalendarBridge {
  const { key, capabilities, mapperVersion, push } = bridge;
  return {
    key,
    capabilities,
    mapperVersion,
    ...(push === undefined ? {} : { push }),
    listResources: () => bridge.listResources(),
    checkHealth: () => bridge.checkHealth(),
    readChanges: (...args) => bridge.readChanges(...args),
    readItems: (...args) => bridge.readItems(...args),
    confirmGone: (...args) => bridge.confirmGone(...args),
    write: (...args) => bridge.write(...args),
    ...methods,
  };
}
