import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEDULES } from '../../shared/config.ts';
import { writeFileAtomically } from '../host/files.ts';
import type { DataPaths } from './data-dir.ts';
import type { StartFlags } from './flags.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The key of this local run: the user's `API_KEY`, else one made once for each data folder. */
export function adminKeyOf(environment: Environment, paths: DataPaths): string {
  const own = environment['API_KEY'];
  if (own !== undefined && own !== '') return own;
  if (existsSync(paths.adminKey)) return readFileSync(paths.adminKey, 'utf8').trim();
  const key = randomBytes(24).toString('base64url');
  writeFileAtomically(paths.adminKey, key + '\n');
  return key;
}

const TENANT_SETTING =
  /^(?!SCHEDULE_)(?:\w+_)?(?:OUTLOOK|BOOKING)_|^(?:TENANT_MODE|DEFAULT_TENANT)$/u;

/**
 * Which of the user's settings a run follows. A demo leaves out those that name tenants: it must not
 * reach the real systems of someone who has their credentials at hand. With the simulators a run
 * without any tenant is good, which the service calls `TENANT_MODE=multi`.
 */
export function userSettings(
  environment: Environment,
  { demo, simulators }: Pick<StartFlags, 'demo' | 'simulators'>,
): Record<string, string | undefined> {
  const ofTenants = Object.keys(environment).filter((name) => TENANT_SETTING.test(name));
  const entries = Object.entries(environment);
  const kept = demo ? entries.filter(([name]) => !ofTenants.includes(name)) : entries;
  const tenantless = demo || (simulators && ofTenants.length === 0);
  return { ...Object.fromEntries(kept), ...(tenantless ? { TENANT_MODE: 'multi' } : {}) };
}

/**
 * Settings of the host in order of weight: what this run decides (`decided`), what the user set, the
 * defaults of a local run.
 */
export function hostEnvironment(
  user: Environment,
  decided: Readonly<Record<string, string>>,
  apiUrl: string,
): Record<string, string | undefined> {
  const defaults = {
    ...SCHEDULES,
    // A killed host's lease is waited out, and here somebody waits in front of the screen.
    LEASE_TTL_SECONDS: '60',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    APP_BASE_URL: apiUrl,
    WEBHOOK_BASE_URL: apiUrl,
    WEBHOOK_CLIENT_SECRET: 'of-a-local-run-alone',
  };
  return { ...defaults, ...user, ...decided };
}

/**
 * File for `NODE_EXTRA_CA_CERTS` that adds the simulated authority's CA to one the user has set. Node
 * takes one file only, so two become a bundle.
 */
export function caFile(environment: Environment, paths: DataPaths): string {
  const own = join(paths.authority, 'ca.pem');
  const users = environment['NODE_EXTRA_CA_CERTS'];
  if (users === undefined || users === '' || !existsSync(users)) return own;
  writeFileAtomically(
    paths.caBundle,
    `${readFileSync(users, 'utf8').trimEnd()}\n${readFileSync(own, 'utf8')}`,
  );
  return paths.caBundle;
}
