import type { FaultInput } from '../../../local/simulator-kit/faults.ts';
import { MINUTE_MS } from '../../../shared/model/time.ts';
import { act, afterwards, creations, endings, openScene, type Scene } from './scene.ts';
import type { Match, Operation, System } from './systems.ts';
import type { Weather } from './weather.ts';

export interface Cell {
  readonly system: System;
  readonly weather: Weather;
  readonly operation: Operation;
  /** The request of the operation that fails. */
  readonly match: Match;
  readonly isLasting: boolean;
}

const LASTING_TICKS = 10;

/**
 * One fault befalls one request of one operation, once or in every try of ten ticks; then it is over.
 * Answers what went wrong, in words, or nothing.
 */
export async function tryCell(cell: Cell): Promise<string | undefined> {
  const { system, weather, operation, match, isLasting } = cell;
  const scene = await openScene(system.town);
  const { town } = scene;
  await provoke(scene, system, operation, weather.changes ?? 1);
  const table = system.faults(town);
  for (const fault of weather.faults(system)) table.add(armed(fault, match, isLasting));
  const [first] = table.list();
  const timesLeft = first?.times ?? 0;
  town.forgetRequests();
  const { isWithstood: once, isWithstoodLasting: always } = weather;
  const isWithstood = isLasting ? always === true : (once?.(system) ?? false);
  for (let tick = 0; tick < (isLasting ? LASTING_TICKS : 1); tick += 1) {
    // One timer of the two: where it fails once, a second run would meet a system that is well again.
    await town.timer('syncBookingToOutlook');
    const made = endings(scene).length + creations(scene).length;
    if (operation === 'read' && !isWithstood && made > 0)
      return `${made} events were made or ended while the read failed`;
    town.manual.advance(MINUTE_MS);
  }
  if (first === undefined || first.times === timesLeft) return 'the fault did not fire';
  table.clear();
  if (operation === 'read' && isWithstood && !(await town.isEqual()))
    return 'the change did not cross, though the read succeeded';
  return await afterwards(scene);
}

function armed(fault: FaultInput, match: Match, isLasting: boolean): FaultInput {
  return { ...fault, match, ...(isLasting ? { times: 100_000 } : {}) };
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
