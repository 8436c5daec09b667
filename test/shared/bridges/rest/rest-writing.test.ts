import { describe, expect, it } from 'vitest';
import { contactOf } from '../../../../shared/model/event.ts';
import { createOf, simple, Stage, timed, updateOf } from '../booking/booking-stage.ts';
import { RestStage, ROW } from './rest-stage.ts';

const KEY = 'key-of-the-town';
const KARI = {
  owner: { name: 'Kari', email: 'kari@example.org', roles: { owner: true } },
} as const;
const MEETING = timed('2026-10-01T10:00', '2026-10-01T11:00', { participants: KARI });
const LATER = timed('2026-10-01T14:00', '2026-10-01T15:00', { title: 'Senere' });

/** The simulated booking system by its generic contract. */
function town(values: Record<string, string> = {}): Stage {
  const generic = {
    auth: { type: 'bearer' as const, key: KEY },
    wrapper: 'named' as const,
    createdId: 'event_id' as const,
  };
  return new Stage({ generic }, { profile: 'generic', apiKey: KEY, ...values });
}

async function withMeeting(): Promise<Stage> {
  const stage = town();
  await stage.create(MEETING);
  stage.forgetRequests();
  return stage;
}

const EVENTS = '/api/resources/1/events';

describe('a create by the generic contract', () => {
  it('is one request, and one to see what the system made of it', async () => {
    const stage = town();
    const item = await stage.create({ ...MEETING, title: 'ø'.repeat(300) });
    expect(stage.requests()).toEqual([`POST ${EVENTS}`, `GET ${EVENTS}`]);
    expect(item).toMatchObject({
      id: '1',
      event: { title: 'ø'.repeat(127), description: 'Sak 1' },
    });
    expect(contactOf(item.event)).toMatchObject({ name: 'Kari', email: 'kari@example.org' });
  });

  it('whose answer was lost finds its event again, and makes no second', async () => {
    const stage = town();
    stage.fail({ match: { method: 'POST' }, drop: 'after' });
    expect(await stage.write(createOf(MEETING))).toMatchObject({
      kind: 'failed',
      error: { kind: 'unavailable' },
    });
    expect(await stage.write(createOf(MEETING))).toMatchObject({
      kind: 'duplicate',
      item: { id: '1' },
    });
    expect(await stage.read()).toHaveLength(1);
  });

  it('says by which event the slot is taken, and takes none under another name for its own', async () => {
    const stage = await withMeeting();
    for (const content of [
      { ...MEETING, title: 'Et annet møte' },
      timed('2026-10-01T10:30', '2026-10-01T11:30'),
    ])
      expect(await stage.write(createOf(content))).toEqual({ kind: 'slot-taken', detail: '1' });
    expect(await stage.read()).toHaveLength(1);
  });

  it('is not its own where the row says that somebody else made it', async () => {
    const made = { ...ROW, source: 'web' };
    const stage = new RestStage(({ method }) =>
      method === 'POST' ? new Response('', { status: 409 }) : [made],
    );
    expect(await stage.write(createOf(MEETING))).toEqual({ kind: 'slot-taken', detail: 'e1' });
    stage.answer = ({ method }) =>
      method === 'POST'
        ? new Response('', { status: 409 })
        : [{ ...made, source: 'calendar_bridge' }];
    expect(await stage.write(createOf(MEETING))).toMatchObject({ kind: 'duplicate' });
  });

  it('believes an answer that shows the whole event, and asks about any other', async () => {
    const reads = async (answer: unknown): Promise<number> => {
      const stage = new RestStage(({ method }) => (method === 'POST' ? answer : [ROW]));
      expect(await stage.write(createOf(MEETING))).toMatchObject({
        kind: 'applied',
        item: { id: 'e1', event: { description: 'Sak 1' } },
      });
      return stage.lines().filter((line) => line.startsWith('GET')).length;
    };
    expect(await reads({ success: true, event: ROW })).toBe(0);
    expect(await reads(ROW)).toBe(0);
    const { id, start_time, end_time } = ROW;
    expect(await reads({ success: true, event: { id, start_time, end_time } })).toBe(1);
    expect(await reads({ success: true, event_id: 'e1' })).toBe(1);
    expect(await reads({ id: 'e1' })).toBe(1);
    expect(await reads(new Response(null, { status: 201 }))).toBe(1);
  });

  it('is not taken for another of its name, where events may overlap and the answer names none', async () => {
    const twins = [ROW, { ...ROW, id: 'e2' }];
    const stage = new RestStage(({ method }) => (method === 'POST' ? {} : twins), {
      exclusiveSlots: 'false',
    });
    expect(await stage.write(createOf(MEETING))).toMatchObject({
      kind: 'failed',
      error: { kind: 'invalid-response', message: expect.stringMatching(/^town: /) },
    });
    stage.answer = ({ method }) => (method === 'POST' ? { event_id: 'e2' } : twins);
    expect(await stage.write(createOf(MEETING))).toMatchObject({ item: { id: 'e2' } });
  });

  it.each<[string, unknown, string]>([
    ['a web page', new Response('<html>'), 'invalid-response'],
    ['that it did not succeed', { success: false, error: 'x' }, 'rejected'],
    ['success, and shows no such event', { success: true, event_id: 'e9' }, 'invalid-response'],
    ['404', new Response('', { status: 404 }), 'not-found'],
    ['422', new Response('', { status: 422 }), 'rejected'],
  ])('is not applied where the answer is %s', async (_name, answer, kind) => {
    const stage = new RestStage(({ method }) =>
      method === 'POST' ? (answer instanceof Response ? answer.clone() : answer) : [],
    );
    expect(await stage.write(createOf(MEETING))).toMatchObject({ kind: 'failed', error: { kind } });
  });
});

describe('an update by the generic contract', () => {
  it('reads the event and sends it whole, since PUT replaces', async () => {
    const stage = await withMeeting();
    const item = await stage.applied(updateOf('1', ['title', 'slot'], LATER));
    expect(stage.requests()).toEqual([`GET ${EVENTS}`, `PUT ${EVENTS}/1`, `GET ${EVENTS}`]);
    expect(item.event).toMatchObject({
      title: 'Senere',
      start: '2026-10-01T14:00:00',
      description: 'Sak 1',
    });
    expect(contactOf(item.event)).toMatchObject({ name: 'Kari' });
  });

  it('sends what a person wrote meanwhile as it is, and blanks only what it is told to', async () => {
    const row = {
      ...ROW,
      description: '<p>Fra nettsiden</p>',
      contact_email: '',
      title: 'Av en person',
    };
    const stage = new RestStage(() => [row]);
    await stage.write(updateOf('e1', ['slot'], LATER));
    expect(stage.bodies[1]).toEqual({
      title: 'Av en person',
      start_time: '2026-10-01T12:00:00Z',
      end_time: '2026-10-01T13:00:00Z',
      description: '<p>Fra nettsiden</p>',
      contact_name: 'Kari',
      source: 'calendar_bridge',
      bridge_import: true,
    });
    await stage.write(updateOf('e1', ['description'], { ...LATER, description: '' }));
    expect(stage.bodies[4]).toMatchObject({ description: '', title: 'Av en person' });
  });

  it('sends again what no read can show, or a whole update would clear it', async () => {
    const tables = { from_booking_system: { description: null } };
    const stage = new RestStage(() => [ROW], { fieldMappings: JSON.stringify(tables) });
    await stage.write(updateOf('e1', ['title'], { ...LATER, description: 'Vår tekst' }));
    expect(stage.bodies[1]).toMatchObject({ title: 'Senere', description: 'Vår tekst' });
  });

  it('sends what is set alone where the system is told to take it so', async () => {
    const patch = { update_event: { method: 'PATCH', body: {} } };
    const stage = new RestStage(() => [ROW], { endpoints: JSON.stringify(patch) });
    await stage.write(updateOf('e1', ['title'], LATER));
    expect(stage.bodies[1]).toEqual({ title: 'Senere' });
  });

  it('is missing where the event is, and nothing is sent', async () => {
    const stage = town();
    expect(await stage.write(updateOf('7', ['title'], LATER))).toEqual({ kind: 'missing' });
    expect(stage.requests()).toEqual([`GET ${EVENTS}`]);
    const elsewhere = new RestStage(() => [{ ...ROW, status: 'cancelled' }]);
    expect(await elsewhere.write(updateOf('e1', ['title'], LATER))).toEqual({ kind: 'missing' });
    expect(elsewhere.requests).toHaveLength(1);
  });

  it('into a slot that is taken names who holds it', async () => {
    const stage = await withMeeting();
    await stage.create(LATER);
    expect(await stage.write(updateOf('2', ['slot'], MEETING))).toEqual({
      kind: 'slot-taken',
      detail: '1',
    });
  });

  it('that is answered with another event is not applied', async () => {
    const stage = new RestStage(({ method }) => (method === 'PUT' ? { ...ROW, id: 'e9' } : [ROW]));
    expect(await stage.write(updateOf('e1', ['title'], LATER))).toMatchObject({
      kind: 'failed',
      error: { kind: 'invalid-response' },
    });
  });
});

describe('a cancel by the generic contract', () => {
  it('is one request, and done where the event is gone already', async () => {
    const stage = await withMeeting();
    expect(await stage.write(simple('cancel', '1'))).toEqual({ kind: 'applied' });
    expect(stage.requests()).toEqual([`DELETE ${EVENTS}/1`]);
    expect(await stage.write(simple('cancel', '1'))).toEqual({ kind: 'applied' });
    expect(await stage.read()).toEqual([]);
  });

  it('takes an empty answer, and no web page', async () => {
    const stage = new RestStage(() => new Response(null, { status: 204 }));
    expect(await stage.write(simple('cancel', 'e1'))).toEqual({ kind: 'applied' });
    stage.answer = () => new Response('<html>');
    expect(await stage.write(simple('cancel', 'e1'))).toMatchObject({
      kind: 'failed',
      error: { kind: 'invalid-response' },
    });
  });

  it('is not done where the system does not find what it shows', async () => {
    const stage = new RestStage(({ method }) =>
      method === 'DELETE' ? new Response('', { status: 404 }) : [ROW],
    );
    expect(await stage.write(simple('cancel', 'e1'))).toMatchObject({
      kind: 'failed',
      error: { kind: 'rejected', message: expect.stringContaining('check the endpoint') },
    });
  });
});
