import { setTimeout as sleep } from 'node:timers/promises';
import type { AzuritePorts } from './azurite.ts';
import type { RunPorts } from './children.ts';
import { dataPaths, rememberedAzuritePorts } from './data-dir.ts';
import { wantedPorts, type StartFlags } from './flags.ts';
import { portProblem, probePorts } from './ports.ts';

/** A port cannot be had; the message names each and says how to choose another. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/**
 * Finds the ports of a run without touching anything on disk.
 * @throws PortError
 */
export async function choosePorts(flags: StartFlags): Promise<RunPorts> {
  const wanted = wantedPorts(flags);
  const results = await probePorts(
    flags.host,
    wanted.map(({ port }) => port),
  );
  const found = { api: 0, graph: 0, booking: 0, authority: 0 };
  const problems: string[] = [];
  wanted.forEach((one, index) => {
    const result = results[index];
    if (typeof result === 'number') found[one.server] = result;
    else if (result !== undefined) problems.push(portProblem(one, result, flags.host));
  });
  if (problems.length > 0) throw new PortError(problems.join('\n'));
  return { ...found, azurite: await chooseAzuritePorts(flags.dataDir, found) };
}

const LOOPBACK = '127.0.0.1';
/** A run that was killed a moment ago still closes its Azurite. */
const TRIES = 15;
const TRY_PAUSE_MS = 200;

async function chooseAzuritePorts(
  dataDir: string,
  taken: Omit<RunPorts, 'azurite'>,
): Promise<AzuritePorts> {
  const remembered = rememberedAzuritePorts(dataPaths(dataDir));
  if (remembered !== undefined && (await canHaveAgain(dataDir, remembered, taken)))
    return remembered;
  const [blob, queue, table] = await probePorts(LOOPBACK, [0, 0, 0]);
  if (typeof blob !== 'number' || typeof queue !== 'number' || typeof table !== 'number')
    throw new PortError(`no free port on ${LOOPBACK} for Azurite`);
  return { blob, queue, table };
}

/**
 * Whether the ports of the last run are free; waits for an Azurite there to end.
 * @throws PortError where it stays: two of them on one folder would overwrite each other's files.
 */
async function canHaveAgain(
  dataDir: string,
  { blob, queue, table }: AzuritePorts,
  taken: Omit<RunPorts, 'azurite'>,
): Promise<boolean> {
  if ([blob, queue, table].some((port) => Object.values(taken).includes(port))) return false;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const found = await probePorts(LOOPBACK, [blob, queue, table]);
    if (found.every((one) => typeof one === 'number')) return true;
    if (!(await isAzurite(blob))) return false;
    await sleep(TRY_PAUSE_MS);
  }
  throw new PortError(
    `${dataDir} is in use by another npm start; choose another folder with --data-dir DIR`,
  );
}

async function isAzurite(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${LOOPBACK}:${port}/`, {
      signal: AbortSignal.timeout(1_000),
    });
    await response.body?.cancel();
    return response.headers.get('server')?.startsWith('Azurite') === true;
  } catch {
    return false; // Nobody who speaks HTTP: not an Azurite.
  }
}
