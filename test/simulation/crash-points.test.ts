import { afterAll, describe, expect, it } from 'vitest';
import { bookingTimes, CrashRig, graphTimes } from './crash-rig.ts';

interface Scenario {
  readonly name: string;
  /** Plays up to the job that a process may die in. */
  readonly prepare: (rig: CrashRig) => Promise<void>;
  /** Lines on each side in the end. */
  readonly copies: number;
}

async function withMeeting(rig: CrashRig): Promise<{ meeting: string; booking: number }> {
  const meeting = await rig.meet('from Outlook', 2, 9);
  const booking = await rig.book('from booking', 3, 9);
  await rig.pass();
  await rig.pass();
  return { meeting, booking };
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a create in the booking system',
    copies: 3,
    prepare: async (rig) => {
      await withMeeting(rig);
      await rig.meet('new', 4, 9);
    },
  },
  {
    name: 'a create in Outlook',
    copies: 3,
    prepare: async (rig) => {
      await withMeeting(rig);
      await rig.book('new', 4, 9);
    },
  },
  {
    name: 'an update in the booking system',
    copies: 2,
    prepare: async (rig) => {
      const { meeting } = await withMeeting(rig);
      await rig.change(meeting, { subject: 'renamed', ...graphTimes(5, 9) });
    },
  },
  {
    name: 'an update in Outlook',
    copies: 2,
    prepare: async (rig) => {
      const { booking } = await withMeeting(rig);
      await rig.web('PUT', `events/${booking}`, { name: 'renamed', ...bookingTimes(5, 9) });
    },
  },
  {
    name: 'an end in the booking system',
    copies: 1,
    prepare: async (rig) => {
      const { meeting } = await withMeeting(rig);
      await rig.remove(meeting);
    },
  },
  {
    name: 'an end in Outlook',
    copies: 1,
    prepare: async (rig) => {
      const { booking } = await withMeeting(rig);
      await rig.web('PATCH', `events/${booking}/toggle-active`, { active: 0 });
    },
  },
  {
    name: 'a batch of twenty with one failure',
    copies: 20,
    prepare: async (rig) => {
      for (let index = 0; index < 20; index += 1)
        await rig.book(`booking ${index}`, 2 + Math.floor(index / 5), 8 + (index % 5));
      const match = { method: 'POST', path: '/events' };
      rig.systems.graph.faults.add({ match, times: 1, status: 503 });
    },
  },
  {
    name: 'a first sync of two filled rooms',
    copies: 5,
    prepare: async (rig) => {
      await rig.meet('in both', 2, 9);
      await rig.book('in both', 2, 9);
      await rig.meet('one', 3, 9);
      await rig.meet('two', 3, 11);
      await rig.book('three', 4, 9);
      await rig.book('four', 4, 11);
    },
  },
  {
    name: 'a complete read after the delta token was lost',
    copies: 2,
    prepare: async (rig) => {
      const { meeting } = await withMeeting(rig);
      await rig.remove(meeting);
      await rig.meet('instead', 6, 9);
      await rig.expireDelta();
    },
  },
  {
    name: 'a deletion that is looked at a second time',
    copies: 2,
    prepare: async (rig) => {
      const slot = { group_name: 'Chess', resources: [1], ...bookingTimes(5, 17) };
      rig.systems.booking.seed({
        domains: [{ domain: 't1', bookings: [{ id: 7, ...slot }] }],
      } as never);
      await withMeeting(rig);
      await rig.web('DELETE', 'bookings/7');
      await rig.pass();
    },
  },
  {
    name: 'a booking that is taken up again',
    copies: 2,
    prepare: async (rig) => {
      const { booking } = await withMeeting(rig);
      await rig.web('PATCH', `events/${booking}/toggle-active`, { active: 0 });
      await rig.pass();
      await rig.web('PATCH', `events/${booking}/toggle-active`, { active: 1 });
    },
  },
  {
    name: 'two meetings that exchange their times',
    copies: 2,
    prepare: async (rig) => {
      const one = await rig.meet('one', 2, 9);
      const two = await rig.meet('two', 3, 9);
      await rig.pass();
      await rig.pass();
      await rig.change(one, graphTimes(3, 9));
      await rig.change(two, graphTimes(2, 9));
    },
  },
];

async function settle(rig: CrashRig): Promise<void> {
  for (let pass = 0; pass < 4; pass += 1) await rig.pass();
}

let points = 0;
afterAll(() => console.log(`${points} crash points`));

describe.each(SCENARIOS)('a process that dies at $name', ({ prepare, copies }) => {
  it.each(['before', 'after'] as const)(
    '%s any of its calls leaves nothing behind',
    { timeout: 300_000 },
    async (when) => {
      const calm = await CrashRig.open();
      await prepare(calm);
      const calls = calm.countCalls();
      await calm.pass();
      const length = calls();
      await settle(calm);
      const expected = calm.shown();
      expect(expected.a).toEqual(expected.b);
      expect(expected.a).toHaveLength(copies);
      for (let call = 1; call <= length; call += 1) {
        const rig = await CrashRig.open();
        await prepare(rig);
        rig.kill(call, when);
        await rig.pass();
        expect(rig.isKilled, `call ${call} of ${length}`).toBe(true);
        await rig.revive();
        await settle(rig);
        expect(rig.shown(), `died ${when} call ${call}`).toEqual(expected);
        points += 1;
      }
    },
  );
});
