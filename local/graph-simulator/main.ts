import { join } from 'node:path';
import { SIGNING_KEY_FILE, signingKey, verifyGraphToken } from '../authority/tokens.ts';
import { Journal } from '../simulator-kit/journal.ts';
import { createGraphSimulator } from './core.ts';
import { runSimulator } from './process.ts';

/** How long a request takes, so that those of one mailbox overlap as they would in the service. */
const LATENCY_MS = 2;

/** How soon after a change its notices go out. */
const PUMP_MS = 50;

/**
 * `node local/graph-simulator/main.ts --host H --port N --data-dir DIR --key-file FILE`: Graph as a
 * process. The key file is the authority's; without the option it is looked for in DIR.
 */
await runSimulator('the Graph simulator', ({ dataDir, keyFile, clock, latencyMs }) => {
  const key = signingKey(keyFile ?? join(dataDir, SIGNING_KEY_FILE));
  const simulator = createGraphSimulator({
    clock,
    journal: new Journal(join(dataDir, 'graph.jsonl')),
    verifyToken: (token) => verifyGraphToken(token, key),
    latencyMs: latencyMs ?? LATENCY_MS,
  });
  setInterval(() => void simulator.pump(), PUMP_MS).unref();
  return { core: simulator.fetch };
});
