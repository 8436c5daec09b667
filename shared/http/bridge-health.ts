import type { BridgeHealth, CalendarBridge } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { adviceOn } from './bridge-faults.ts';
import type { Services } from './services-port.ts';
import { within } from './within.ts';

/** A caller should not wait as long as a bridge would for a system that hangs. */
const HEALTH_WAIT_MS = 8000;

/** Asks the system now. Never throws: that a bridge fails is the answer. */
export async function liveHealth(
  bridge: CalendarBridge,
  { clock, logger }: Pick<Services, 'clock' | 'logger'>,
): Promise<BridgeHealth> {
  const startedAt = clock.now();
  const unhealthy = (detail: string): BridgeHealth => ({
    status: 'unhealthy',
    detail,
    responseMs: clock.now() - startedAt,
  });
  try {
    return await within(HEALTH_WAIT_MS, bridge.checkHealth(), () =>
      unhealthy(`no answer within ${HEALTH_WAIT_MS / 1000} s. ${adviceOn('unavailable')}`),
    );
  } catch (error) {
    if (error instanceof BridgeError) return unhealthy(`${error.message}. ${adviceOn(error.kind)}`);
    logger.error('health check of a bridge failed', { bridge: bridge.key, error: String(error) });
    return unhealthy('unexpected fault; look in the log');
  }
}

export function renderHealth({ status, detail, responseMs }: BridgeHealth): {
  status: BridgeHealth['status'];
  detail: string;
  response_ms: number;
} {
  return { status, detail, response_ms: responseMs };
}
