import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAPH_NOTICES } from '../../../shared/bridges/outlook/graph-notices.ts';
import {
  resourceHashOf,
  type BridgeKey,
  type ResourceId,
  type TenantId,
} from '../../../shared/model/ids.ts';
import { JobSchema, NOTICES_MAX } from '../../../shared/queues/messages.ts';
import { encodeJob } from '../../../shared/queues/queue-sender.ts';
import { clientStateOf } from '../../../shared/webhooks/client-state.ts';
import { readNotices as readBy, type NoticeReading } from '../../../shared/webhooks/notices.ts';

const TENANT = 'town' as TenantId;
const BRIDGE = 'outlook' as BridgeKey;
const GUID = '84bd8158-6d4d-4958-8b9f-9d6445542f95';
const US = { tenantId: TENANT, bridge: BRIDGE, secrets: ['secret'], systemTenantId: GUID };

function readNotices(body: unknown, us: typeof US): NoticeReading | undefined {
  return readBy(body, GRAPH_NOTICES, us);
}

function room(n: number): ResourceId {
  return `room-${n}@town.example` as ResourceId;
}

function item(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    subscriptionId: `sub-${n}`,
    clientState: clientStateOf('secret', TENANT, BRIDGE, room(n)),
    tenantId: GUID,
    changeType: 'updated',
    resource: 'Users/x/Events/y',
    ...more,
  };
}

describe('a POST of notices of Graph', () => {
  it('says each resource once, however often it was told', () => {
    const value = [item(1), item(1, { changeType: 'created' }), item(2)];
    const reading = readNotices({ value }, US);
    expect(reading?.taken).toBe(3);
    expect(reading?.jobs).toEqual([
      {
        v: 1,
        kind: 'notice',
        tenantId: TENANT,
        bridge: BRIDGE,
        notices: [1, 2].map((n) => ({
          resourceHash: resourceHashOf(room(n)),
          subscriptionId: `sub-${n}`,
        })),
      },
    ]);
  });

  it('leaves out what we did not make, what is of another tenant, and what is no notice', () => {
    const value = [
      item(1, { clientState: clientStateOf('guess', TENANT, BRIDGE, room(1)) }),
      item(1, { clientState: null }),
      item(2, { clientState: clientStateOf('secret', 'other' as TenantId, BRIDGE, room(2)) }),
      item(3, { tenantId: GUID.replace('8', '9') }),
      item(4, { subscriptionId: 7 }),
      'nonsense',
    ];
    expect(readNotices({ value }, US)).toEqual({
      jobs: [],
      taken: 0,
      refused: { forged: 3, stranger: 1, malformed: 2 },
      unknown: 0,
    });
  });

  it('keeps what is said of a subscription apart, and nothing that we do not know', () => {
    const value = [
      item(1, { lifecycleEvent: 'missed' }),
      item(1),
      item(1, { lifecycleEvent: 'somethingNew' }),
    ];
    const [job] = readNotices({ value }, US)?.jobs ?? [];
    expect(job?.notices.map(({ lifecycle }) => lifecycle)).toEqual(['missed', undefined]);
    expect(readNotices({ value }, US)?.unknown).toBe(1);
  });

  it.each([GUID, GUID.toUpperCase(), 'town.onmicrosoft.com'])(
    'is ours where the settings name the tenant %s: notices name it by its id',
    (systemTenantId) => {
      const reading = readNotices({ value: [item(1)] }, { ...US, systemTenantId });
      expect(reading).toMatchObject({ taken: 1, refused: { stranger: 0 } });
      expect(reading?.jobs).toHaveLength(1);
    },
  );

  it.each([
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { value: 7 },
    { value: Array.from({ length: 1001 }, () => ({})) },
  ])('is none where the body is %j', (body) => {
    expect(readNotices(body, US)).toBeUndefined();
  });

  it('is as many messages as it needs, each small enough for its queue', () => {
    const value = Array.from({ length: 450 }, (_, n) => item(n));
    const jobs = readNotices({ value }, US)?.jobs ?? [];
    expect(jobs.map(({ notices }) => notices.length)).toEqual([NOTICES_MAX, NOTICES_MAX, 50]);
    for (const job of jobs) {
      expect(JobSchema.parse(job)).toEqual(job);
      expect(JSON.stringify(job).length).toBeLessThan(48 * 1024);
    }
  });

  it('is as many messages as it needs also with the longest ids that are taken', () => {
    const value = Array.from({ length: 200 }, (_, n) =>
      item(1, { subscriptionId: `${n}`.padEnd(200, '\u20ac') }),
    );
    const jobs = readNotices({ value }, US)?.jobs ?? [];
    expect(jobs.flatMap(({ notices }) => notices)).toHaveLength(200);
    for (const job of jobs) expect(() => encodeJob(job)).not.toThrow();
  });

  it('has no effect, and throws nothing, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (body, value) => {
        for (const one of [body, { value }]) expect(readNotices(one, US)?.jobs ?? []).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
