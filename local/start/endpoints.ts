import { rmSync } from 'node:fs';
import { writeFileAtomically } from '../host/files.ts';

/** A tenant as `endpoints.json` lists it. */
export interface TenantEndpoint {
  id: string;
  apiKey: string;
  graph: { url: string; token: string };
  booking:
    | { url: string; profile: 'portico'; login: string; password: string; domain: string }
    | { url: string; profile: 'generic'; apiKey: string };
  rooms: { resource_id: string; mailbox: string; mapping_id: string }[];
}

/** Content of `endpoints.json`: all that an outside program needs to use a local run. */
export interface Endpoints {
  /** Origin of the API. */
  api: string;
  adminKey: string;
  /** Connection string of Azurite. */
  storage: string;
  tenants: readonly TenantEndpoint[];
  /** Origins; absent with `--no-simulators`. */
  simulators?: { graph: string; booking: string; authority: string };
  /** Process ids of the children by name. */
  pids: Record<string, number>;
}

/** The file appears whole, and only once the run is ready. */
export interface EndpointsFile {
  publish(endpoints: Omit<Endpoints, 'pids'>): void;
  /** Writes the process ids anew; nothing before the first `publish`. */
  refresh(): void;
  remove(): void;
}

export function endpointsFile(file: string, pids: () => Record<string, number>): EndpointsFile {
  let published: Omit<Endpoints, 'pids'> | undefined;
  const write = (): void => {
    if (published === undefined) return;
    const endpoints: Endpoints = { ...published, pids: pids() };
    writeFileAtomically(file, JSON.stringify(endpoints, undefined, 2) + '\n');
  };
  return {
    publish: (endpoints) => {
      published = endpoints;
      write();
    },
    refresh: write,
    remove: () => {
      published = undefined;
      rmSync(file, { force: true });
    },
  };
}
