import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { anyNotices } from '../../test/support/any-notices.ts';
import { openAnnounced, PATIENCE_MS } from '../announced-halls.ts';
import type { Figure, Scenario } from '../scenario.ts';

const RUNS = 20_000;
/** V8 lets a heap grow to its working size first, garbage and all: a leak is what grows after that. */
const WARM_UP = 40_000;
const IN_FLIGHT = 8;

/** What anybody may send to the open endpoint of the running app. */
export const fuzz: Scenario = {
  name: 'fuzz',
  about: `${RUNS} bodies, headers and queries of any kind to the open endpoint: no 5xx, no effect, no growth`,
  run: async (say) => {
    const { app, systems } = await openAnnounced(1);
    try {
      await send(app.endpoints.api, WARM_UP, 1);
      await app.idle(PATIENCE_MS);
      const { host } = app.pids();
      if (host === undefined) throw new Error('there is no host');
      const simulator = systems.graphUrl.replace('/v1.0', '');
      const since = Date.now();
      const before = residentMiB(host);
      const statuses = await send(app.endpoints.api, RUNS, 2);
      await app.idle(PATIENCE_MS);
      const after = residentMiB(host);
      const answer = await fetch(`${simulator}/__sim/requests?since=${since}`);
      const { counts } = (await answer.json()) as { counts: { total: number } };
      for (const [status, count] of [...statuses].sort(([one], [other]) => one - other))
        say(`${status}: ${count}`);
      const failed = [...statuses].filter(([status]) => status >= 500);
      const figures: readonly Figure[] = [
        {
          name: 'answers of 5xx',
          value: failed.reduce((sum, [, count]) => sum + count, 0),
          unit: 'count',
          max: 0,
        },
        { name: 'requests to Graph that followed', value: counts.total, unit: 'count', max: 0 },
        { name: 'growth of the host', value: after - before, unit: 'MiB', max: 20 },
      ];
      return figures;
    } finally {
      await app.stop();
    }
  },
};

/** Answers how often each status came. */
async function send(api: string, runs: number, seed: number): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  const waiting = fc.sample(anyNotices, { numRuns: runs, seed });
  const work = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const { bridge, method, query, headers, body } = one;
      const address = `${api}/tenants/municipal_a/bridges/webhook/${bridge}`;
      const answer = await fetch(`${address}?${query}`, {
        method,
        headers,
        ...(method === 'POST' ? { body } : {}),
      });
      await answer.arrayBuffer();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return statuses;
}

function residentMiB(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
