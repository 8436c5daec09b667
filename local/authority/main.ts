import { join } from 'node:path';
import { runSimulator } from '../graph-simulator/process.ts';
import { Journal } from '../simulator-kit/journal.ts';
import { loadCertificates } from './certificates.ts';
import { createAuthority } from './core.ts';
import { SIGNING_KEY_FILE, signingKey } from './tokens.ts';

/**
 * `node local/authority/main.ts --host H --port N --data-dir DIR [--key-file FILE]`: the authority
 * as a process. Its `ready` line also names `caFile`, the PEM file that clients must trust.
 */
await runSimulator('the sign-in authority', async (options) => {
  const { host, dataDir, clock } = options;
  const { key, cert, caFile } = await loadCertificates(dataDir, host);
  const authority = createAuthority({
    clock,
    journal: new Journal(join(dataDir, 'authority.jsonl')),
    key: signingKey(options.keyFile ?? join(dataDir, SIGNING_KEY_FILE)),
  });
  return { core: authority.fetch, tls: { key, cert }, details: { caFile } };
});
