import { createRequire } from 'node:module';

/** Ports of Azurite's three services; 0 takes any free one. */
export interface AzuritePorts {
  blob: number;
  queue: number;
  table: number;
}

const ACCOUNT_NAME = 'devstoreaccount1';
/** The account key every Azurite has; published in its documentation, opens nothing else. */
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** The connection string of an Azurite on these ports of 127.0.0.1. */
export function azuriteConnectionString(ports: AzuritePorts): string {
  const endpoint = (port: number): string => `http://127.0.0.1:${port}/${ACCOUNT_NAME}`;
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT_NAME}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=${endpoint(ports.blob)}`,
    `QueueEndpoint=${endpoint(ports.queue)}`,
    `TableEndpoint=${endpoint(ports.table)}`,
    '',
  ].join(';');
}

/**
 * Arguments for `node` that run Azurite on loopback, ending when the pipe to its stdin closes.
 * With `location` it keeps its files there, else everything is in memory. Telemetry is off: a local
 * run talks to nobody outside.
 */
export function azuriteArguments(options: { ports: AzuritePorts; location?: string }): string[] {
  const { ports, location } = options;
  const port = (service: keyof AzuritePorts): string[] => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    String(ports[service]),
  ];
  return [
    '--import',
    new URL('./lifeline.ts', import.meta.url).href,
    createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'),
    ...port('blob'),
    ...port('queue'),
    ...port('table'),
    '--silent',
    '--disableTelemetry',
    ...(location === undefined ? ['--inMemoryPersistence'] : ['--location', location]),
  ];
}

const LISTENING = /Azurite (Blob|Queue|Table) service is successfully listening at \S+:(\d+)/u;

/** Reads Azurite's output line by line; answers the ports once all three services listen. */
export function azuriteReadiness(): (line: string) => AzuritePorts | undefined {
  const found = new Map<string, number>();
  return (line) => {
    const [, service, port] = LISTENING.exec(line) ?? [];
    if (service !== undefined) found.set(service, Number(port));
    const [blob, queue, table] = ['Blob', 'Queue', 'Table'].map((name) => found.get(name));
    if (blob === undefined || queue === undefined || table === undefined) return undefined;
    return { blob, queue, table };
  };
}
