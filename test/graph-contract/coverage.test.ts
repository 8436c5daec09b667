import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RouteAnswers } from '../../local/graph-simulator/routes.ts';
import { REQUESTS } from '../../shared/bridges/outlook/graph-requests.ts';
import { makeGraph } from '../local/graph-simulator/support.ts';
import { doEverything } from '../support/graph-contract/bridge-scenes.ts';
import { NO_PATH, NOT_RUN, type Counts, type Row } from '../support/graph-contract/checker.ts';
import { readEverything } from '../support/graph-contract/content-scenes.ts';
import { graphMissing } from '../support/graph-contract/description.ts';
import { graphContract } from '../support/graph-contract/hook.ts';
import { failInChain, provoke, sceneOf } from '../support/graph-contract/simulator-scenes.ts';

const SIMULATOR = new URL('../../local/graph-simulator/', import.meta.url);
const NONE: Counts = { bridge: 0, person: 0 };

/** Every row that the simulator's route table says can be answered. */
function answerRows(routes: readonly RouteAnswers[]): readonly Row[] {
  const rows = routes.flatMap(({ method, path, statuses }) => {
    const template = path === '*' ? NO_PATH : path.replaceAll(/:(\w+)/g, '{$1-id}');
    return statuses.map((status) => `${method} ${template} ${status}`);
  });
  return [...rows, `* ${NOT_RUN} 424`];
}

/** Every status of an error that stands anywhere in the simulator's source. */
function statusesInSource(): readonly number[] {
  const found = readdirSync(SIMULATOR).flatMap((name) => {
    const text = readFileSync(new URL(name, SIMULATOR), 'utf8');
    return [...text.matchAll(/(?:GraphError\(|super\(|status:)\s*([45]\d\d)\b/g)];
  });
  return [...new Set(found.map(([, status]) => Number(status)))].toSorted();
}

function table(title: string, rows: readonly Row[], counts: ReadonlyMap<Row, Counts>): string {
  const lines = rows.map((row) => {
    const { bridge, person } = counts.get(row) ?? NONE;
    return `${String(bridge).padStart(7)}${String(person).padStart(8)}  ${row}`;
  });
  return [title, ' bridge  others', ...lines].join('\n');
}

it.skipIf(graphMissing !== undefined)(
  `every request of the bridge and every answer of the simulator is checked against the published description ${graphMissing ?? ''}`,
  { timeout: 120_000 },
  async () => {
    if (graphContract === undefined) throw new Error(graphMissing);
    const { routes } = (await makeGraph()).simulator;
    for (const route of routes)
      for (const status of route.statuses) await provoke(await sceneOf(route), status);
    await failInChain();
    await readEverything();
    await doEverything();

    const { answers, bridgeRequests } = graphContract;
    const rows = answerRows(routes);
    console.log(table('Checks of requests of the bridge', REQUESTS, bridgeRequests));
    console.log(table('Checks of answers, by who asked', rows, answers));
    const total = [...answers.values()].reduce(
      (sum, { bridge, person }) => sum + bridge + person,
      0,
    );
    console.log(`${rows.length} rows, ${total} exchanges checked`);

    expect({
      unchecked: rows.filter((row) => !answers.has(row)),
      undeclared: [...answers.keys()].filter((row) => !rows.includes(row)),
    }).toEqual({ unchecked: [], undeclared: [] });
    expect([...bridgeRequests.keys()].toSorted()).toEqual([...REQUESTS].toSorted());
    const done = [...answers].flatMap(([row, { bridge }]) => (bridge > 0 ? [row] : []));
    expect(
      REQUESTS.filter((request) => !done.some((row) => row.startsWith(`${request} 2`))),
    ).toEqual([]);
    const declared = new Set(rows.map((row) => Number(row.split(' ').at(-1))));
    expect(statusesInSource().filter((status) => !declared.has(status))).toEqual([]);
    expect(total).toBeGreaterThan(500);
  },
);
