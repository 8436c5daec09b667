// Serves the simulated booking system: --host, --port (0 = any free), --data-dir, --latency-ms.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { announceReady, endWithParent } from '../simulator-kit/child.ts';
import { offsetClock } from '../simulator-kit/clock.ts';
import { Journal } from '../simulator-kit/journal.ts';
import { serveCore, type RunningServer } from '../simulator-kit/server.ts';
import { createBookingSimulator } from './core.ts';

/** How soon after a person's change its notices go out. */
const PUMP_MS = 50;

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '7081' },
    'data-dir': { type: 'string' },
    'latency-ms': { type: 'string', default: '0' },
    'clock-offset-ms': { type: 'string', default: '0' },
  },
});

const dataDir = values['data-dir'];
const simulator = createBookingSimulator({
  clock: offsetClock(Number(values['clock-offset-ms'])),
  journal: new Journal(dataDir === undefined ? undefined : join(dataDir, 'booking.jsonl')),
  latencyMs: Number(values['latency-ms']),
});

try {
  const server = await serveCore(simulator.fetch, {
    host: values.host,
    port: Number(values.port),
  });
  run(server);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
  process.stderr.write(
    `Port ${values.port} of ${values.host} is taken; choose another with --port\n`,
  );
  process.exit(2);
}

function run(server: RunningServer): void {
  setInterval(() => void simulator.pump(), PUMP_MS).unref();
  endWithParent(async () => await server.close());
  announceReady({ url: server.url, port: server.port, pid: process.pid });
}
