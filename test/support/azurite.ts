import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { exemptLoopbackFromProxy } from '../../local/host/settings.ts';
import {
  azuriteArguments,
  azuriteConnectionString,
  azuriteReadiness,
  type AzuritePorts,
} from '../../local/start/azurite.ts';

export interface TestAzurite {
  connectionString: string;
  stop(): Promise<void>;
}

/**
 * Starts an Azurite of its own, in memory, on free ports of 127.0.0.1. It ends with `stop()`, or
 * with the process that started it. One a suite is enough: give each test names of its own.
 * @throws Error with Azurite's own words when it ends before it listens.
 */
export async function startAzurite(): Promise<TestAzurite> {
  // The Azure SDKs send requests to a configured proxy even for an http address on loopback.
  exemptLoopbackFromProxy(process.env);
  const args = azuriteArguments({ ports: { blob: 0, queue: 0, table: 0 } });
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const ready = azuriteReadiness();
  const ports = await new Promise<AzuritePorts>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const found = ready(line);
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Azurite did not start:\n${said.join('\n')}`)));
  });
  return {
    connectionString: azuriteConnectionString(ports),
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
