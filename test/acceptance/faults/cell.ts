import type { FaultInput } from '../../../local/simulator-kit/faults.ts';
import { MINUTE_MS } from '../../../shared/model/time.ts';
import { act, afterwards, creations, endings, openScene, type Scene } from './scene.ts';
import type { Aim, Operation, System } from './systems.ts';
import type { Weather } from './weather.ts';

export interface Cell {
  readonly system: System;
  readonly weather: Weather;
  readonly operation: Operation;
  /** The request of the operation that fails. */
  readonly aim: Aim;
  readonly isLasting: boolean;
  /** The fault begins so long after what people did was first seen. */
  readonly afterMs?: number;
}

/** Longer than anything is waited for before it is given up or believed. */
const LASTING_TICKS = 6;
const TICK_MS = 2 * MINUTE_MS;

/**
 * One fault befalls one request of one operation, once or in every try of twelve minutes; then it is over.
 * Answers what went wrong, in words, or nothing.
 */
export async function tryCell(cell: Cell): Promise<string | undefined> {
  const { system, weather, operation, aim, isLasting, afterMs } = cell;
  const scene = await openScene(system.town);
  const { town } = scene;
  await provoke(scene, system, operation, weather.changes ?? 1);
  if (afterMs !== undefined) {
    await town.timer('syncBookingToOutlook');
    town.manual.advance(afterMs);
    // The check that is due by then would be a second run, as below; any message may be lost.
    town.jobs.length = 0;
  }
  const table = system.faults(town);
  for (const fault of weather.faults(system)) table.add(armed(fault, aim, isLasting));
  const [first] = table.list();
  const timesLeft = first?.times ?? 0;
  town.forgetRequests();
  const { isWithstood: once, isWithstoodLasting: always } = weather;
  const isWithstood = isLasting ? always === true : (once?.(system) ?? false);
  for (let tick = 0; tick < (isLasting ? LASTING_TICKS : 1); tick += 1) {
    // One timer of the two: where it fails once, a second run would meet a system that is well again.
    await town.timer('syncBookingToOutlook');
    const made = endings(scene).length + creations(scene).length;
    if (isRead(cell) && !isWithstood && made > 0)
      return `${made} events were made or ended while the read failed`;
    town.manual.advance(TICK_MS);
  }
  if (first === undefined || first.times === timesLeft) return 'the fault did not fire';
  table.clear();
  if (operation === 'read' && isWithstood && !(await town.isEqual()))
    return 'the change did not cross, though the read succeeded';
  return await afterwards(scene);
}

/** A list, also where it is what tells that something is gone. */
function isRead({ operation, system }: Cell): boolean {
  return operation === 'read' || (operation === 'look' && system.silenceMs !== undefined);
}

function armed(fault: FaultInput, aim: Aim, isLasting: boolean): FaultInput {
  const { skip = 0, ...match } = aim;
  const times = isLasting ? { times: 100_000 } : {};
  return { ...fault, match, skip: skip + (fault.skip ?? 0), ...times };
}

/** What a person does so that the operation is done to the system. */
async function provoke(
  scene: Scene,
  { side }: System,
  operation: Operation,
  changes: number,
): Promise<void> {
  // A side is read, and asked whether something is gone, for what people do on it; it is written for
  // what they do on the other.
  const isOnOwn = operation === 'read' || operation === 'look';
  const where = isOnOwn === (side === 'b') ? 'inOutlook' : 'inBooking';
  if (operation !== 'read') {
    await act(scene, operation === 'look' ? 'delete' : operation, where);
    return;
  }
  for (let index = 0; index < changes; index += 1) await act(scene, 'create', where);
  await act(scene, 'update', where);
  await act(scene, 'delete', where);
}
