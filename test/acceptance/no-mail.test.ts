import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import { bookingTimes, graphEvent, graphTimes, PERSON, Town } from '../support/town.ts';

const GUEST = 'ola.nordmann@town.example';

function invited(...addresses: readonly string[]) {
  return {
    attendees: addresses.map((address) => ({
      type: address.startsWith('room') ? 'resource' : 'required',
      emailAddress: { address, name: address },
    })),
  };
}

/**
 * Each request of the bridge's is looked at as it goes out, and the simulator's mails after it; what
 * would mail anybody fails the test that runs (`test/support/graph-contract/hook.ts`). Here are the
 * scenes in which there is somebody to mail.
 */
describe('nobody is mailed by the bridge', () => {
  it('over whatever people do to meetings with guests, on both sides', async () => {
    const random = new Random(7);
    const town = await Town.open({ rooms: 2 });
    const room = (n: number): string => `room-${n}@town.example`;
    // Both kinds: a person's, in which the room is a guest, and the room's own with guests.
    for (let n = 0; n < 4; n += 1) {
      const mine = graphEvent(`Mine ${n}`, 3 + n, 9, invited(room(1 + (n % 2)), GUEST));
      await town.outlook('POST', `${PERSON}/events`, mine);
      await town.meet(1 + (n % 2), graphEvent(`The room’s ${n}`, 3 + n, 11, invited(GUEST)));
      await town.meet(1 + (n % 2), graphEvent(`Alone ${n}`, 3 + n, 13));
      await town.book(1 + (n % 2), { title: `Booked ${n}`, ...bookingTimes(3 + n, 15) });
    }
    await town.settle();
    const before = town.graph.mails().length;
    expect(before).toBeGreaterThan(0);
    let byPeople = 0;
    for (let act = 0; act < 60; act += 1) {
      const which = 1 + random.int(2);
      const mailed = town.graph.mails().length;
      await editSomething(town, random, which, act);
      byPeople += town.graph.mails().length - mailed;
      if (act % 5 === 4) await town.settle();
    }
    await town.settle();
    expect(byPeople).toBeGreaterThan(0);
    expect(town.graph.mails()).toHaveLength(before + byPeople);
  });

  it('when copies of guests’ meetings are cancelled, moved and renamed in the booking system', async () => {
    const town = await Town.open();
    await town.outlook(
      'POST',
      `${PERSON}/events`,
      graphEvent('Budget', 3, 9, invited('room-1@town.example', GUEST)),
    );
    await town.settle();
    const [row] = await town.schedule();
    const before = town.graph.mails().length;
    const id = Number(row?.['id']);
    await town.person('PUT', `events/${id}`, { name: 'Renamed', ...bookingTimes(3, 16) });
    await town.settle();
    await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
    await town.settle();
    expect(town.graph.mails()).toHaveLength(before);
    expect((await town.calendar()).map(({ subject }) => subject)).toHaveLength(1);
  });
});

async function editSomething(town: Town, random: Random, room: number, act: number): Promise<void> {
  const day = 3 + random.int(20);
  const hour = 8 + random.int(9);
  const inOutlook = random.int(2) === 0;
  if (inOutlook) {
    const events = await town.calendar(room);
    const event = events[random.int(Math.max(1, events.length))];
    if (event === undefined) return;
    const id = String(event['id']);
    switch (random.int(4)) {
      case 0:
        await town.change(room, id, { subject: `Renamed ${act}` });
        return;
      case 1:
        await town.change(room, id, graphTimes(day, hour));
        return;
      case 2:
        await town.change(room, id, invited(GUEST, PERSON));
        return;
      default:
        await town.remove(room, id);
        return;
    }
  }
  const rows = await town.schedule(room);
  const row = rows[random.int(Math.max(1, rows.length))];
  if (row === undefined) return;
  const id = Number(row['id']);
  if (random.int(3) === 0) await town.person('PATCH', `events/${id}/toggle-active`, { active: 0 });
  // By its number alone: a room of the booking system holds one event at a time.
  else await town.person('PUT', `events/${id}`, { name: `Named ${act}` });
}
