import { describe, expect, it } from 'vitest';
import { bookingTimes, graphEvent, graphTimes, PERSON, Town } from '../support/town.ts';

async function mails(town: Town): Promise<string> {
  const answer = await town.fetch(new Request('http://127.0.0.1:7080/__sim/mails'));
  return JSON.stringify(await answer.json());
}

describe('nobody is mailed', () => {
  it('by a change of a booking whose copy the room invites people to', async () => {
    const town = await Town.open();
    const guest = { emailAddress: { address: PERSON, name: 'Kari' }, type: 'required' };
    await town.meet(1, graphEvent('Invited', 2, 9, { attendees: [guest] }));
    await town.settle();
    const before = await mails(town);
    const [row] = await town.schedule();
    await town.person('PUT', `events/${Number(row?.['id'])}`, { name: 'Renamed' });
    await town.settle();
    expect(await mails(town)).toBe(before);
    expect((await town.calendar())[0]?.['subject']).toBe('Invited');
  });
});

describe('the contact of a booking', () => {
  it('is the organizer of a meeting, and not the room itself', async () => {
    const town = await Town.open();
    await town.meet(1, graphEvent('In the room', 2, 9));
    await town.outlook('POST', `${PERSON}/events`, {
      ...graphEvent('Invited', 3, 9),
      attendees: [{ type: 'resource', emailAddress: { address: 'room-1@town.example' } }],
    });
    await town.settle();
    const contacts = await Promise.all(
      (await town.schedule()).map(async (row) => {
        const event = await town.booked(Number(row['id']));
        return [row['name'], event['contact_name'], event['contact_email']];
      }),
    );
    expect(contacts).toEqual([
      ['In the room', '-', ''],
      ['Invited', 'Kari Nordmann', PERSON],
    ]);
  });
});

describe('a system that does not take a write', () => {
  it.each([500, 412, 401])('is asked again by the next tick, not at once (%i)', async (status) => {
    const town = await Town.open();
    const id = await town.meet(1, graphEvent('one', 2, 9));
    await town.book(1, { title: 'two', ...bookingTimes(3, 9) });
    await town.settle();
    await town.change(1, id, graphTimes(2, 12));
    await town.meet(1, graphEvent('three', 4, 9));
    for (const method of ['PUT', 'POST'])
      town.booking.faults.add({ match: { method, path: '/booking/' }, times: 1000, status });
    town.forgetRequests();
    await town.tick();
    expect(town.writes().length).toBeLessThan(10);
    expect(await town.storedPair()).toMatchObject({ status: 'error' });
    town.booking.faults.clear();
    town.manual.advance(3_600_000);
    await town.settle();
    expect(await town.isEqual()).toBe(true);
    expect(await town.storedPair()).toMatchObject({ status: 'synced' });
  });
});
