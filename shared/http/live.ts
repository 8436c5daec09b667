import { BridgeError } from '../model/errors.ts';
import { badRequest, notFound, unavailable } from './problem.ts';
import { within } from './within.ts';

/** A caller should not wait as long as a bridge would for a system that hangs. */
const LIVE_WAIT_MS = 20_000;

/**
 * What a system answers now.
 * @param missing What to say where the path names what the system does not have.
 * @throws ApiError 404 with it, or 400 where the system refuses what the path asks for; 503 where
 *   it takes longer than 20 s. BridgeError for all else.
 */
export async function live<T>(work: Promise<T>, missing?: string): Promise<T> {
  try {
    return await within(LIVE_WAIT_MS, work, () => {
      throw unavailable(`the system did not answer within ${LIVE_WAIT_MS / 1000} s; try again`);
    });
  } catch (error) {
    if (missing === undefined || !(error instanceof BridgeError)) throw error;
    if (error.kind === 'not-found') throw notFound(missing);
    if (error.kind === 'rejected') throw badRequest(`the system refuses it: ${error.message}`);
    throw error;
  }
}
