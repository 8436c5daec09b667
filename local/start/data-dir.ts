import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomically } from '../host/files.ts';
import type { AzuritePorts } from './azurite.ts';

/** Says that a folder is ours to fill, and with `--fresh` to empty. */
const MARKER = '.calendar-bridge';

/** Paths inside the data folder, absolute. Each child keeps to a folder of its own. */
export interface DataPaths {
  root: string;
  azurite: string;
  graph: string;
  booking: string;
  authority: string;
  host: string;
  demo: string;
  endpoints: string;
  azuritePorts: string;
  adminKey: string;
  caBundle: string;
}

export function dataPaths(root: string): DataPaths {
  const inside = (name: string): string => join(root, name);
  return {
    root,
    azurite: inside('azurite'),
    graph: inside('graph'),
    booking: inside('booking'),
    authority: inside('authority'),
    host: inside('host'),
    demo: inside('demo'),
    endpoints: inside('endpoints.json'),
    azuritePorts: inside('azurite-ports.json'),
    adminKey: inside('admin-key'),
    caBundle: inside('ca-bundle.pem'),
  };
}

/** The data folder cannot be used; the message says why and what to do. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/**
 * Makes the folder, or takes one of ours; `fresh` removes what `npm start` put there and nothing else.
 * @throws DataDirError for a folder with other content that does not carry our marker.
 */
export function prepareDataDir(root: string, fresh: boolean): DataPaths {
  const paths = dataPaths(root);
  const marker = join(root, MARKER);
  if (existsSync(root) && readdirSync(root).length > 0 && !existsSync(marker))
    throw new DataDirError(
      `${root} holds files that are not from npm start (there is no ${MARKER} in it): ` +
        'choose an empty or new folder with --data-dir DIR',
    );
  mkdirSync(root, { recursive: true });
  if (fresh) {
    const { root: _, ...owned } = paths;
    for (const path of Object.values(owned)) rmSync(path, { recursive: true, force: true });
  }
  rmSync(paths.endpoints, { force: true });
  writeFileAtomically(marker, 'Made by npm start; npm start -- --fresh empties it.\n');
  return paths;
}

const PortsSchema = z.object({ blob: z.int(), queue: z.int(), table: z.int() });

/** Azurite's ports at the last start, so that a connection string noted down keeps working. */
export function rememberedAzuritePorts(paths: DataPaths): AzuritePorts | undefined {
  if (!existsSync(paths.azuritePorts)) return undefined;
  return PortsSchema.parse(JSON.parse(readFileSync(paths.azuritePorts, 'utf8')));
}

export function rememberAzuritePorts(paths: DataPaths, ports: AzuritePorts): void {
  writeFileAtomically(paths.azuritePorts, JSON.stringify(ports));
}
