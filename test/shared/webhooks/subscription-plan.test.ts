import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BridgeKey, ResourceId } from '../../../shared/model/ids.ts';
import { statusOfSubscription, type Subscription } from '../../../shared/model/subscription.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import {
  planSubscriptions,
  subscriptionRestMs,
  type SubscriptionPlanState,
} from '../../../shared/webhooks/subscription-plan.ts';

const NOW = 1_800_000_000_000 as Instant;
const ROOM = 'room@town.example' as ResourceId;

function at(hours: number): Instant {
  return (NOW + hours * HOUR_MS) as Instant;
}

/** Renewed two hours ago, for seventy. */
function row(more: Partial<Subscription> = {}): Subscription {
  return {
    bridge: 'outlook' as BridgeKey,
    resource: ROOM,
    id: 'sub-1',
    terms: 'terms',
    renewedAt: at(-2),
    expiresAt: at(68),
    failures: 0,
    ...more,
  };
}

function planned(
  stored: readonly Subscription[],
  more: Partial<SubscriptionPlanState> = {},
): readonly string[] {
  return planSubscriptions({
    wanted: [ROOM],
    stored,
    living: undefined,
    termsOf: () => 'terms',
    now: NOW,
    ...more,
  }).map(({ kind, resource }) => `${kind} ${resource}`);
}

describe('the plan of subscriptions', () => {
  const { id: _, ...without } = row();
  const { expiresAt: _x, ...rest } = row({ renewedAt: at(-10_000) });
  const endless: Subscription = { ...rest, endless: true };
  const ofDays = (days: number): Subscription => ({
    ...endless,
    renewedAt: (NOW - days * DAY_MS) as Instant,
  });

  it.each<[string, readonly Subscription[], Partial<SubscriptionPlanState>, readonly string[]]>([
    ['makes one where there is none', [], {}, [`register ${ROOM}`]],
    ['makes one where none is left', [without], {}, [`register ${ROOM}`]],
    ['leaves a young one alone', [row()], { living: new Set(['sub-1']) }, []],
    [
      'renews at half of its life',
      [row({ renewedAt: at(-40), expiresAt: at(30) })],
      {},
      [`renew ${ROOM}`],
    ],
    ['makes another where it has run out', [row({ expiresAt: NOW })], {}, [`recreate ${ROOM}`]],
    [
      'makes another where its system has lost it',
      [row()],
      { living: new Set() },
      [`recreate ${ROOM}`],
    ],
    [
      'makes another where a change was not announced, nor anything before and after it',
      [row({ heardAt: at(-2), unannouncedAt: at(-1) })],
      {},
      [`replace ${ROOM}`],
    ],
    [
      'gives a notice ten minutes to come',
      [row({ unannouncedAt: (NOW - 10 * MINUTE_MS + 1) as Instant })],
      {},
      [],
    ],
    [
      'takes what was heard soon before for its notice',
      [row({ unannouncedAt: at(-1), heardAt: (at(-1) - 10 * MINUTE_MS) as Instant })],
      {},
      [],
    ],
    [
      'relies again on one that has spoken since',
      [row({ unannouncedAt: at(-1), heardAt: at(-0.5) })],
      {},
      [],
    ],
    ['does not replace it over and over', [row({ silentSince: at(-1) })], {}, []],
    ['leaves one without an end alone for about a month', [ofDays(26)], {}, []],
    ['makes one without an end anew after that', [ofDays(31)], {}, [`renew ${ROOM}`]],
    [
      'makes another one without an end on other terms',
      [{ ...ofDays(1), terms: 'old' }],
      {},
      [`register ${ROOM}`],
    ],
    ['makes another on other terms', [row({ terms: 'old' })], {}, [`register ${ROOM}`]],
    ['ends what nothing is mapped to', [row()], { wanted: [] }, [`remove ${ROOM}`]],
    ['ends nothing twice', [{ ...without, ended: true }], { wanted: [] }, []],
    ['makes again what was ended', [{ ...without, ended: true }], {}, [`register ${ROOM}`]],
    ['waits after a failure', [row({ expiresAt: NOW, failures: 1, retryAt: at(1) })], {}, []],
    [
      'goes on once that is over',
      [row({ expiresAt: NOW, failures: 1, retryAt: NOW })],
      {},
      [`recreate ${ROOM}`],
    ],
    [
      'knows a resource in any case',
      [row({ resource: 'ROOM@town.example' as ResourceId })],
      {},
      [],
    ],
    ['wants one however many pairs there are', [], { wanted: [ROOM, ROOM] }, [`register ${ROOM}`]],
  ])('%s', (_what, stored, more, actions) => {
    expect(planned(stored, more)).toEqual(actions);
  });

  it('renews each between four tenths and half of its life, spread over that time', () => {
    const due = (room: number, hours: number): boolean => {
      const resource = `room-${room}@town.example` as ResourceId;
      const stored = [row({ resource, renewedAt: at(-hours), expiresAt: at(100 - hours) })];
      return planned(stored, { wanted: [resource] }).length > 0;
    };
    const counts = [39, 42, 45, 48, 50].map(
      (hours) => Array.from({ length: 200 }, (_, room) => due(room, hours)).filter(Boolean).length,
    );
    expect(counts[0]).toBe(0);
    expect(counts[4]).toBe(200);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    expect(new Set(counts).size).toBe(5);
  });

  it('does at most one thing for each resource, and nothing about what is well', () => {
    const anyRow = fc.record({
      n: fc.nat(5),
      hasId: fc.boolean(),
      expires: fc.integer({ min: -10, max: 100 }),
      terms: fc.constantFrom('terms', 'old'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRow, { selector: ({ n }) => n }),
        fc.subarray([0, 1, 2, 3, 4, 5]),
        (rows, wanted) => {
          const resourceOf = (n: number): ResourceId => `room-${n}` as ResourceId;
          const stored = rows.map(({ n, hasId, expires, terms }) => {
            const { id: _id, ...rest } = row({
              resource: resourceOf(n),
              expiresAt: at(expires),
              terms,
            });
            return hasId ? { ...rest, id: `sub-${n}` } : rest;
          });
          const actions = planned(stored, { wanted: wanted.map(resourceOf) });
          const touched = actions.map((action) => action.split(' ')[1]);
          expect(new Set(touched).size).toBe(touched.length);
          const unknown = wanted.filter((n) => !rows.some((one) => one.n === n));
          expect(actions).toEqual(expect.arrayContaining(unknown.map((n) => `register room-${n}`)));
        },
      ),
    );
  });
});

it('one that failed, however often, is tried again with the next hourly tick', () => {
  for (const failures of [1, 5, 50])
    expect(subscriptionRestMs(failures, () => 1)).toBeLessThan(HOUR_MS);
});

describe('the status of a subscription', () => {
  const { id: _, ...without } = row();
  const { expiresAt: _x, ...endless } = row();

  it.each<[Subscription, string]>([
    [row(), 'active'],
    [row({ failures: 2 }), 'failing'],
    [row({ unannouncedAt: NOW }), 'silent'],
    [row({ silentSince: at(-1), heardAt: at(-2) }), 'silent'],
    [row({ silentSince: at(-1), heardAt: NOW }), 'active'],
    [row({ expiresAt: NOW }), 'expired'],
    [{ ...endless, endless: true }, 'active'],
    [without, 'expired'],
    [{ ...without, ended: true }, 'ended'],
  ])('of %j is %s', (subscription, status) => {
    expect(statusOfSubscription(subscription, NOW)).toBe(status);
  });
});
