import { toGraphMembers } from '../../../../shared/bridges/outlook/outlook-mapper.ts';
import { FIELDS, type EventContent } from '../../../../shared/model/fields.ts';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import { describeBridgeContract, type BridgeHarness } from '../../../support/bridge-contract.ts';
import { OSLO, ROOM, world } from './support.ts';

/** Outlook as a person with the room's mailbox open uses it, by Graph's own members. */
function outlookHarness(): Promise<BridgeHarness> {
  const { simulator, bridge, graph } = world();
  const events = `/users/${ROOM}/events`;
  const one = (id: ExternalId): string => `${events}/${encodeURIComponent(id)}`;
  const membersOf = (change: Partial<EventContent>): Record<string, unknown> =>
    toGraphMembers(
      FIELDS.filter((field) => (field === 'slot' ? 'start' in change : field in change)),
      { title: '', description: '', ...change } as EventContent,
      OSLO,
    );
  return Promise.resolve({
    bridge,
    resource: ROOM,
    timeZone: OSLO,
    personCreates: async (content) =>
      (await graph('POST', events, membersOf(content)))['id'] as ExternalId,
    personChanges: async (id, change) => void (await graph('PATCH', one(id), membersOf(change))),
    personRemoves: async (id) => void (await graph('DELETE', one(id))),
    expireCursors: async () => {
      await simulator.fetch(
        new Request('http://127.0.0.1/__sim/expire-delta', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ mailbox: ROOM }),
        }),
      );
    },
    breakNext: (how) => {
      const body =
        how === 'html' ? '<html><body>Sign in</body></html>' : '{"value": [{"id": "AAA", "sub';
      const headers = { 'content-type': how === 'html' ? 'text/html' : 'application/json' };
      simulator.faults.add({ match: {}, times: 1, status: 200, headers, body });
      return Promise.resolve();
    },
  });
}

describeBridgeContract('outlook on the Graph simulator', outlookHarness);
