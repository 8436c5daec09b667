import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PORTICO_NOTICES } from '../../../shared/bridges/booking/portico-notices.ts';
import type { NoticeFormat } from '../../../shared/bridges/notice-format.ts';
import { REST_NOTICES } from '../../../shared/bridges/rest/rest-notices.ts';
import {
  resourceHashOf,
  type BridgeKey,
  type ResourceId,
  type TenantId,
} from '../../../shared/model/ids.ts';
import { clientStateOf } from '../../../shared/webhooks/client-state.ts';
import { readNotices } from '../../../shared/webhooks/notices.ts';

const TENANT = 'town' as TenantId;
const BRIDGE = 'booking_system' as BridgeKey;
const ROOM = '12' as ResourceId;
const US = { tenantId: TENANT, bridge: BRIDGE, secrets: ['secret'] };
const STATE = clientStateOf('secret', TENANT, BRIDGE, ROOM);
const FORGED = clientStateOf('guess', TENANT, BRIDGE, ROOM);

function item(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    subscription_id: 'sub-1',
    change_type: 'updated',
    entity_type: 'event',
    resource_id: null,
    entityId: 7,
    entity_data: { from_: 'never', resources: [99] },
    clientState: STATE,
    timestamp: '2026-06-01T10:00:00Z',
    resources: [99],
    ...more,
  };
}

describe("notices of Portico's system", () => {
  const read = (value: readonly unknown[]) => readNotices({ value }, PORTICO_NOTICES, US);

  it('lead to the room that their state names, with or without a resource_id, and believe no more', () => {
    const reading = read([item(), item({ resource_id: 13 }), item({ change_type: 'deleted' })]);
    expect(reading).toMatchObject({ taken: 3, refused: { malformed: 0, forged: 0 } });
    expect(reading?.jobs.flatMap(({ notices }) => notices)).toEqual([
      { resourceHash: resourceHashOf(ROOM), subscriptionId: 'sub-1' },
    ]);
  });

  it('may number their subscriptions', () => {
    expect(read([item({ subscription_id: 5 })])?.jobs[0]?.notices).toMatchObject([
      { subscriptionId: '5' },
    ]);
  });

  it('are left out where their state is none of ours', () => {
    const { clientState: _, ...without } = item();
    const wrongName = { ...without, client_state: STATE };
    const value = [item({ clientState: FORGED }), without, wrongName, 'x', { clientState: STATE }];
    expect(read(value)).toEqual({
      jobs: [],
      taken: 0,
      refused: { malformed: 2, forged: 3, stranger: 0 },
      unknown: 0,
    });
  });
});

describe('notices of the generic contract', () => {
  const body = { action: 'updated', resource_id: '99', event_id: '7', event: {} };

  it('lead to the room that the state in their address names', () => {
    const reading = readNotices(body, REST_NOTICES, { ...US, clientState: STATE });
    expect(reading?.jobs.flatMap(({ notices }) => notices)).toEqual([
      { resourceHash: resourceHashOf(ROOM) },
    ]);
  });

  it.each([undefined, '', FORGED])('have no effect with the state %j', (clientState) => {
    expect(readNotices(body, REST_NOTICES, { ...US, clientState })).toMatchObject({
      jobs: [],
      taken: 0,
      refused: { forged: 1 },
    });
  });
});

describe.each<[string, NoticeFormat]>([
  ['Portico', PORTICO_NOTICES],
  ['generic', REST_NOTICES],
])('a body for the format %s', (_name, format) => {
  it('without our state has no effect, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (body, value) => {
        for (const one of [body, { value }])
          expect(readNotices(one, format, US)?.jobs ?? []).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([undefined, null, 7, 'text', []])('is none where it is %j', (body) => {
    expect(readNotices(body, format, { ...US, clientState: STATE })).toBeUndefined();
  });
});
