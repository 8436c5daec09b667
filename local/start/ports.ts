import { createServer, type AddressInfo, type Server } from 'node:net';

/**
 * Listens on each of the ports at once (0 = any free one) and lets go of them again; answers the
 * numbers, or the error code where one could not be had. Holding all together keeps two zeros from
 * getting the same port.
 */
export async function probePorts(
  host: string,
  ports: readonly number[],
): Promise<(number | { port: number; code: string })[]> {
  const servers: Server[] = [];
  const probe = async (port: number): Promise<number | { port: number; code: string }> => {
    const server = createServer();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    } catch (error) {
      return { port, code: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  const results = await Promise.all(ports.map(probe));
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return results;
}

/** Why a port cannot be used and how to choose another. */
export function portProblem(
  { flag, server }: { flag: string; server: string },
  { port, code }: { port: number; code: string },
  host: string,
): string {
  const choose = `choose another with ${flag} N, or ${flag} 0 for any free port`;
  if (code === 'EADDRINUSE') return `port ${port} (${server}) is taken; ${choose}`;
  if (code === 'EACCES') return `port ${port} (${server}) may not be used here; ${choose}`;
  return `${host}:${port} (${server}) cannot be listened on (${code}); see --host and ${flag}`;
}
