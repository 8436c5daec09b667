import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SeedInput } from '../../../local/graph-simulator/directory.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const CLIENT = '33333333-3333-4333-8333-333333333333';
export const SECRET = 'a secret: with % and +';

export const SEED: SeedInput = {
  tenants: [
    {
      tenantId: TENANT,
      domain: 'a.example',
      apps: [{ clientId: CLIENT, clientSecret: SECRET }],
      rooms: [{ mailbox: 'council@a.example', displayName: 'Council chamber' }],
    },
  ],
};

/** A folder that is gone after the test. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'simulators-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}
