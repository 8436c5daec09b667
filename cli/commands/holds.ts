import type * as z from 'zod';
import { DecidedHold, HoldList, type Hold } from '../../shared/http/schemas/holds.ts';
import type { Client } from '../client.ts';
import type { Outcome } from '../commands.ts';
import { EXIT } from '../exit-codes.ts';
import type { Flags } from '../options.ts';
import { codeOfRun, openHoldsOf, runLine } from './sync.ts';

type HoldRow = z.output<typeof Hold>;

export async function listHolds(
  client: Client,
  _args: readonly string[],
  { all }: Pick<Flags, 'all'>,
): Promise<Outcome> {
  const path = all ? '/holds' : '/holds?state=open';
  const holds = await client.list(path, HoldList, ({ holds }) => holds);
  const isWaiting = holds.some(({ state }) => state === 'open');
  return {
    exitCode: isWaiting ? EXIT.held : EXIT.converged,
    text: holds.length === 0 ? 'nothing waits for a decision' : holds.map(renderHold).join('\n\n'),
    data: { holds },
  };
}

export function renderHold(hold: HoldRow): string {
  const { why, evidence } = hold;
  const what =
    hold.kind === 'deletions'
      ? `${hold.items} events went away on the ${hold.side} side`
      : `${hold.items} copies were to be made on the ${hold.side} side`;
  const decided = hold.decided_by === null ? '' : ` by ${hold.decided_by}`;
  const state =
    hold.state === 'open'
      ? `open until ${hold.expires_at}, then it counts as rejected`
      : `${hold.state}${decided}${hold.carried_out ? '' : ', being carried out'}`;
  return [
    `${hold.id}  (mapping ${hold.mapping_id})`,
    `  ${what}: ${why.count + why.recent} of ${why.known} (${why.percent} %, rule ${why.rule})`,
    `  the reads showed ${evidence.source.shown} on the source side, where ` +
      `${evidence.source.known} are known, and ${evidence.target.shown} on the target side, ` +
      `where ${evidence.target.known} are`,
    `  ${state}`,
  ].join('\n');
}

export async function decideHold(
  decision: 'approve' | 'reject',
  client: Client,
  [id = '']: readonly string[],
  { reason }: Pick<Flags, 'reason'>,
): Promise<Outcome> {
  const path = `/holds/${encodeURIComponent(id)}/${decision}`;
  const said = reason === undefined ? {} : { reason };
  const { body } = await client.ask('POST', path, DecidedHold, said);
  const run = await client.run(body.run_id);
  const openHolds = await openHoldsOf(client, body.mapping_id);
  return {
    exitCode: codeOfRun(run, openHolds),
    text: `${body.message}\n${runLine(run)}`,
    data: { hold: body.hold, run, open_holds: openHolds },
  };
}
