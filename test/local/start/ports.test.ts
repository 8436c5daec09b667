import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { choosePorts, PortError } from '../../../local/start/choose-ports.ts';
import { prepareDataDir, rememberAzuritePorts } from '../../../local/start/data-dir.ts';
import { parseFlags, type StartFlags } from '../../../local/start/flags.ts';
import { probePorts } from '../../../local/start/ports.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'ports-'));

function flagsOf(...args: string[]): StartFlags {
  const parsed = parseFlags(args);
  if (parsed.kind !== 'flags') throw new Error(JSON.stringify(parsed));
  return parsed.flags;
}

async function withListener(test: (port: number) => Promise<void>): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await test((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

describe('the ports of a run', () => {
  it('are all different where any will do', async () => {
    const { azurite, ...others } = await choosePorts(
      flagsOf('--port', '0', '--data-dir', newFolder()),
    );
    const all = [...Object.values(others), ...Object.values(azurite)];
    expect(new Set(all).size).toBe(7);
    expect(all).not.toContain(0);
  });

  it('are refused where taken, each named with the flag that chooses another', async () => {
    await withListener(async (one) => {
      await withListener(async (two) => {
        const flags = flagsOf(
          '--port=0',
          `--graph-port=${one}`,
          `--booking-port=${two}`,
          `--data-dir=${newFolder()}`,
        );
        const refused = choosePorts(flags);
        await expect(refused).rejects.toThrow(PortError);
        await expect(refused).rejects.toThrow(
          new RegExp(`${one} .*--graph-port[^]*${two} .*--booking-port`, 'u'),
        );
      });
    });
  });

  it("give Azurite last time's ports, or others where those are taken by someone else", async () => {
    const dataDir = newFolder();
    const paths = prepareDataDir(dataDir, false);
    const [blob, queue, table] = await probePorts('127.0.0.1', [0, 0, 0]);
    const ports = { blob: Number(blob), queue: Number(queue), table: Number(table) };
    rememberAzuritePorts(paths, ports);
    const flags = flagsOf('--port', '0', '--data-dir', dataDir);
    expect((await choosePorts(flags)).azurite).toEqual(ports);
    await withListener(async (taken) => {
      rememberAzuritePorts(paths, { ...ports, queue: taken });
      expect((await choosePorts(flags)).azurite.queue).not.toBe(taken);
    });
  });
});
