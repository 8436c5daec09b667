import { describe, expect, it } from 'vitest';
import { UNBOUNDED, type CallContext } from '../../../../shared/bridges/bridge.ts';
import { contactOf } from '../../../../shared/model/event.ts';
import { FIELDS } from '../../../../shared/model/fields.ts';
import { createOf, ROOM, simple, Stage, timed, updateOf } from './booking-stage.ts';

const NOTE = '--- Cancelled from Outlook ---';
const KARI = {
  owner: { name: 'Kari', email: 'kari@example.org', roles: { owner: true } },
} as const;
const MEETING = timed('2026-10-01T10:00', '2026-10-01T11:00', { participants: KARI });
const LATER = timed('2026-10-01T14:00', '2026-10-01T15:00', { title: 'Senere' });

/** A stage with one event of ours, `event:1`, and an empty request log. */
async function withMeeting(content = MEETING): Promise<Stage> {
  const stage = new Stage();
  await stage.create(content);
  stage.forgetRequests();
  return stage;
}

describe('a create', () => {
  it('is one request, with the wall clock of Oslo', async () => {
    const stage = new Stage();
    const item = await stage.create(MEETING);
    expect(stage.requests()).toEqual(['POST /booking/resources/1/events']);
    expect(item).toMatchObject({
      id: 'event:1',
      shown: FIELDS,
      rights: 'full',
      sharedWith: [],
      event: { title: 'Formannskapet', description: 'Sak 1', start: '2026-10-01T10:00:00' },
    });
    expect(contactOf(item.event)).toMatchObject({ name: 'Kari', email: 'kari@example.org' });
    expect(await stage.stored()).toMatchObject({
      from_: '2026-10-01T10:00:00+02:00',
      to_: '2026-10-01T11:00:00+02:00',
      active: true,
      resources: [1],
    });
  });

  it('whose answer was lost finds its event again', async () => {
    const stage = new Stage();
    await stage.read();
    stage.fail({ match: { method: 'POST' }, drop: 'after' });
    const lost = await stage.write(createOf(MEETING));
    expect(lost).toMatchObject({ kind: 'failed', error: { kind: 'unavailable' } });
    stage.forgetRequests();
    const again = await stage.write(createOf(MEETING));
    expect(again).toMatchObject({ kind: 'duplicate', item: { id: 'event:1' } });
    expect(stage.requests()).toEqual([
      'POST /booking/resources/1/events',
      'GET /booking/resources/1/schedule',
    ]);
    expect(await stage.read()).toHaveLength(1);
  });

  it('is known again though its title was cut', async () => {
    const stage = new Stage();
    const long = { ...MEETING, title: 'ø'.repeat(300) };
    await stage.create(long);
    expect(await stage.write(createOf(long))).toMatchObject({ kind: 'duplicate' });
  });

  it('beside a meeting, and over a booking, is allowed', async () => {
    const stage = new Stage({
      bookings: [
        {
          id: 7,
          group_name: 'Korpset',
          from_: '2026-10-01 10:00',
          to_: '2026-10-01 12:00',
          resources: [1],
        },
      ],
    });
    await stage.create(MEETING);
    await stage.create(timed('2026-10-01T11:00', '2026-10-01T12:00'));
    expect(await stage.read()).toHaveLength(3);
  });
});

describe('a create that cannot be', () => {
  it('says by which item the slot is taken, and not whose', async () => {
    const stage = await withMeeting();
    const late = timed('2026-10-01T10:30', '2026-10-01T11:30', { title: 'For sent' });
    expect(await stage.write(createOf(late))).toEqual({ kind: 'slot-taken', detail: 'event:1' });
    expect(await stage.read()).toHaveLength(1);
  });

  it('takes no event under another name for its own', async () => {
    const stage = await withMeeting();
    const outcome = await stage.write(createOf({ ...MEETING, title: 'Et annet møte' }));
    expect(outcome).toEqual({ kind: 'slot-taken', detail: 'event:1' });
  });

  it('says why it is refused, which is no conflict', async () => {
    const stage = new Stage();
    await stage.read();
    stage.fail({
      match: { method: 'POST' },
      status: 400,
      body: {
        error: 'Validation failed',
        details: ['Contact email must be a valid email address'],
      },
    });
    const outcome = await stage.write(createOf(MEETING));
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'rejected' } });
    expect(JSON.stringify(outcome)).not.toContain('example.org');
  });

  it('fails as not-found on a room that is not there', async () => {
    const stage = new Stage({ resources: [] });
    expect(await stage.write(createOf(MEETING))).toMatchObject({
      kind: 'failed',
      error: { kind: 'not-found' },
    });
  });

  it('is not applied where the answer is nonsense', async () => {
    const stage = new Stage();
    await stage.read();
    for (const body of ['<html>', { success: true, event: { id: 5 } }, { success: false }]) {
      stage.fail({ match: { method: 'POST' }, body, status: 201 });
      expect(await stage.write(createOf(MEETING))).toMatchObject({
        kind: 'failed',
        error: { kind: 'invalid-response' },
      });
    }
  });
});

describe('an update', () => {
  it('is one request that sets the named fields, by the names of the model', async () => {
    const stage = await withMeeting();
    const item = await stage.applied(updateOf('event:1', ['title', 'slot'], LATER));
    expect(stage.requests()).toEqual(['PUT /booking/events/1']);
    expect(item.event).toMatchObject({
      title: 'Senere',
      start: '2026-10-01T14:00:00',
      description: 'Sak 1',
    });
    expect(await stage.stored()).toMatchObject({ name: 'Senere', contact_name: 'Kari' });
  });

  it('empties a description by a placeholder that reads as nothing', async () => {
    const stage = await withMeeting();
    const item = await stage.applied(
      updateOf('event:1', ['description'], { ...MEETING, description: '' }),
    );
    expect(item.event.description).toBe('');
    expect((await stage.item('event:1')).event.description).toBe('');
    expect(await stage.stored()).toMatchObject({ description: '-' });
  });

  it('of the contact leaves nobody else’s address behind', async () => {
    const stage = await withMeeting();
    const ola = { owner: { name: 'Ola', roles: { owner: true } } } as const;
    const item = await stage.applied(
      updateOf('event:1', ['contact'], { ...MEETING, participants: ola }),
    );
    expect(contactOf(item.event)).toEqual({ name: 'Ola', roles: { contact: true } });
    const { participants: _, ...nobody } = MEETING;
    expect(contactOf((await stage.applied(updateOf('event:1', ['contact'], nobody))).event)).toBe(
      undefined,
    );
    expect(JSON.stringify(await stage.stored())).not.toContain('kari');
  });

  it('of nothing writes nothing, and tells what is there', async () => {
    const stage = await withMeeting();
    const item = await stage.applied(updateOf('event:1', [], LATER));
    expect(item.event.title).toBe('Formannskapet');
    expect(stage.requests()).toEqual(['GET /booking/events/1']);
  });

  it('into a slot that is taken says by which item', async () => {
    const stage = await withMeeting();
    await stage.create(LATER);
    expect(await stage.write(updateOf('event:2', ['slot'], MEETING))).toEqual({
      kind: 'slot-taken',
      detail: 'event:1',
    });
  });

  it('of what is inactive or deleted finds it missing', async () => {
    const stage = await withMeeting();
    await stage.person('PATCH', 'events/1/toggle-active', { active: 0 });
    expect(await stage.write(updateOf('event:1', ['title'], LATER))).toEqual({ kind: 'missing' });
    expect(await stage.write(updateOf('event:99', ['title'], LATER))).toEqual({ kind: 'missing' });
    expect(await stage.stored()).toMatchObject({ active: false });
  });
});

describe('a cancellation', () => {
  it('makes the event inactive and adds the note, in three requests', async () => {
    const stage = await withMeeting();
    expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'applied' });
    expect(stage.requests()).toEqual([
      'GET /booking/events/1',
      'PATCH /booking/events/1/toggle-active',
      'PUT /booking/events/1',
    ]);
    expect(await stage.stored()).toMatchObject({ active: false, description: `Sak 1\n${NOTE}` });
    expect(await stage.read()).toEqual([]);
  });

  it('does not add the note again to an event that was taken up once more', async () => {
    const stage = await withMeeting();
    await stage.write(simple('cancel', 'event:1'));
    await stage.person('PATCH', 'events/1/toggle-active', { active: 1 });
    stage.forgetRequests();
    await stage.write(simple('cancel', 'event:1'));
    expect(stage.requests()).not.toContain('PUT /booking/events/1');
    expect(await stage.stored()).toMatchObject({ active: false, description: `Sak 1\n${NOTE}` });
  });

  it('that failed leaves the event as it was, for the next try', async () => {
    const stage = await withMeeting();
    stage.fail({ match: { method: 'PATCH' }, status: 500 });
    expect(await stage.write(simple('cancel', 'event:1'))).toMatchObject({
      kind: 'failed',
      error: { kind: 'unavailable' },
    });
    expect(await stage.stored()).toMatchObject({ active: true, description: 'Sak 1' });
    expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'applied' });
    expect(await stage.stored()).toMatchObject({ active: false, description: `Sak 1\n${NOTE}` });
  });

  it('of what is inactive or deleted already writes nothing', async () => {
    const stage = await withMeeting();
    await stage.person('PATCH', 'events/1/toggle-active', { active: 0 });
    for (const id of ['event:1', 'event:99'])
      expect(await stage.write(simple('cancel', id))).toEqual({ kind: 'applied' });
    expect(stage.requests()).toEqual([
      'GET /booking/events/1',
      'GET /booking/events/99',
      'GET /booking/events/99',
      'GET /booking/resources/1/schedule',
    ]);
    expect(await stage.stored()).toMatchObject({ description: 'Sak 1' });
  });

  it.each([400, 404, 409, 503])('stands where the note is answered %i', async (status) => {
    const stage = await withMeeting();
    stage.fail({ match: { method: 'PUT' }, status, body: { error: 'Validation failed' } });
    expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'applied' });
    expect(await stage.stored()).toMatchObject({ active: false, description: 'Sak 1' });
  });

  const steps = [
    ['the look', { method: 'GET', path: '/booking/events/1' }],
    ['the end', { method: 'PATCH' }],
  ] as const;

  it.each(steps)(
    'is not done where %s is not found once, and the event is there',
    async (_, match) => {
      const stage = await withMeeting();
      stage.fail({ match, status: 404, body: { error: 'Event not found' } });
      expect(await stage.write(simple('cancel', 'event:1'))).toMatchObject({
        kind: 'failed',
        error: { kind: 'rejected' },
      });
      expect(await stage.stored()).toMatchObject({ active: true });
      expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'applied' });
      expect(await stage.stored()).toMatchObject({ active: false });
    },
  );

  it('is not done where no read by id finds what the schedule shows', async () => {
    const stage = await withMeeting();
    stage.fail({ match: { path: '/booking/events/' }, times: 9, status: 404, body: {} });
    expect(await stage.write(simple('cancel', 'event:1'))).toMatchObject({
      kind: 'failed',
      error: { kind: 'rejected' },
    });
  });

  it.each([404, 500])('is not done where the second look is answered %i', async (status) => {
    const stage = await withMeeting();
    stage.fail({ match: { path: '/booking/events/' }, times: 9, status: 404, body: {} });
    stage.fail({ match: { path: '/schedule' }, status, body: {} });
    expect(await stage.write(simple('cancel', 'event:1'))).toMatchObject({ kind: 'failed' });
  });

  it('is done where it was ended by another while we did', async () => {
    const stage = await withMeeting();
    stage.fail({ match: { method: 'PATCH' }, status: 404, body: {} });
    await stage.person('PATCH', 'events/1/toggle-active', { active: 0 });
    expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'applied' });
  });

  it('finds no slot taken: a conflict fails it, and one about the note is passed over', async () => {
    const stage = await withMeeting();
    stage.fail({ match: { method: 'PATCH' }, status: 409, body: {} });
    expect(await stage.write(simple('cancel', 'event:1'))).toMatchObject({
      kind: 'failed',
      error: { kind: 'conflict' },
    });
    expect(await stage.stored()).toMatchObject({ active: true });
    stage.fail({ match: { method: 'PUT' }, status: 409, body: {} });
    expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'applied' });
    expect(await stage.stored()).toMatchObject({ active: false });
  });

  it('of an event that holds another room too is refused, and nothing is written', async () => {
    const stage = await withMeeting();
    await stage.person('PUT', 'events/1', { resources: [1, 2] });
    const outcome = await stage.write(simple('cancel', 'event:1'));
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { kind: 'rejected', code: 'shared-item' },
    });
    expect(stage.requests()).toEqual(['GET /booking/events/1']);
    expect(await stage.stored()).toMatchObject({ active: true });
    expect((await stage.item('event:1')).sharedWith).toEqual(['2']);
  });

  it('of an event that moved to another room leaves it there', async () => {
    const stage = await withMeeting();
    await stage.person('PUT', 'events/1', { resources: [2] });
    expect(await stage.write(simple('cancel', 'event:1'))).toEqual({ kind: 'missing' });
    expect(await stage.stored()).toMatchObject({ active: true });
  });
});

describe('an exchange of slots', () => {
  it('gives a slot up and takes it again, one request each', async () => {
    const stage = await withMeeting();
    expect(await stage.applied(simple('suspend', 'event:1'))).toMatchObject({
      id: 'event:1',
      suspended: true,
    });
    expect(await stage.read()).toEqual([]);
    const back = await stage.applied(simple('resume', 'event:1'));
    expect(back.suspended).toBeUndefined();
    expect(await stage.read()).toHaveLength(1);
    const patches = stage.requests().filter((request) => request.startsWith('PATCH'));
    expect(patches).toHaveLength(2);
  });

  it('is not undone by doing a step again', async () => {
    const stage = await withMeeting();
    await stage.applied(simple('suspend', 'event:1'));
    await stage.applied(simple('suspend', 'event:1'));
    expect(await stage.stored()).toMatchObject({ active: false, description: 'Sak 1' });
    await stage.applied(simple('resume', 'event:1'));
    await stage.applied(simple('resume', 'event:1'));
    expect(await stage.stored()).toMatchObject({ active: true });
  });

  it('moves the suspended item, whether in the same list or by its mark', async () => {
    const stage = await withMeeting();
    await stage.create(LATER);
    const [, , , last] = await stage.bridge.write(
      ROOM,
      [
        simple('suspend', 'event:1'),
        updateOf('event:2', ['slot'], MEETING),
        updateOf('event:1', ['slot'], LATER),
        simple('resume', 'event:1'),
      ],
      UNBOUNDED,
    );
    expect(last).toMatchObject({ kind: 'applied', item: { event: { start: LATER.start } } });
    await stage.applied(simple('suspend', 'event:1'));
    const evening = timed('2026-10-01T20:00', '2026-10-01T21:00');
    const moved = updateOf('event:1', ['slot'], evening, { suspended: true });
    expect(await stage.applied(moved)).toMatchObject({
      suspended: true,
      event: { start: '2026-10-01T20:00:00' },
    });
  });

  it('cannot take a slot again that somebody took meanwhile', async () => {
    const stage = await withMeeting();
    await stage.applied(simple('suspend', 'event:1'));
    await stage.create({ ...MEETING, title: 'Noen andre' });
    expect(await stage.write(simple('resume', 'event:1'))).toEqual({
      kind: 'slot-taken',
      detail: 'event:2',
    });
    expect(await stage.write(simple('resume', 'event:99'))).toEqual({ kind: 'missing' });
  });
});

describe('a web page instead of an answer', () => {
  it.each([400, 404, 409, 410])('says nothing of an event: %i', async (status) => {
    const stage = await withMeeting();
    for (const write of [
      createOf(LATER),
      updateOf('event:1', ['title'], LATER),
      simple('cancel', 'event:1'),
      simple('suspend', 'event:1'),
    ]) {
      stage.fail({ match: { path: '/booking/' }, status, body: '<!doctype html><p>Sorry</p>' });
      expect(await stage.write(write)).toMatchObject({
        kind: 'failed',
        error: { kind: 'invalid-response', status },
      });
    }
    expect(await stage.stored()).toMatchObject({ active: true });
  });
});

describe('allocations and bookings', () => {
  it('are never written, nor is anybody asked', async () => {
    const stage = new Stage();
    for (const id of ['allocation:3', 'booking:7', '7', 'AAMk='])
      for (const write of [
        simple('cancel', id),
        simple('suspend', id),
        simple('resume', id),
        updateOf(id, ['title'], MEETING),
      ])
        expect(await stage.write(write)).toMatchObject({
          kind: 'failed',
          error: { kind: 'rejected', code: 'read-only' },
        });
    expect(stage.allRequests()).toEqual([]);
  });
});

describe('several writes', () => {
  it('stop where the pass may not go on', async () => {
    const stage = await withMeeting();
    let calls = 0;
    const context: CallContext = {
      beforeCall: async () => {
        calls += 1;
        if (calls > 1) throw new Error('lease lost');
        await Promise.resolve();
      },
    };
    const writes = [createOf(LATER), createOf(timed('2026-10-02T10:00', '2026-10-02T11:00'))];
    await expect(stage.bridge.write(ROOM, writes, context)).rejects.toThrow('lease lost');
    expect(await stage.read()).toHaveLength(2);
  });

  it('are not sent on to a system that asked to wait', async () => {
    const stage = await withMeeting();
    stage.fail({ match: { method: 'POST' }, status: 429, headers: { 'retry-after': '60' } });
    const outcomes = await stage.bridge.write(
      ROOM,
      [createOf(LATER), updateOf('event:1', ['title'], LATER), simple('cancel', 'event:1')],
      UNBOUNDED,
    );
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        kind: 'failed',
        error: { kind: 'throttled', retryAfterMs: 60_000 },
      });
    expect(stage.requests()).toEqual(['POST /booking/resources/1/events']);
  });
});
