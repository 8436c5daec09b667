import { describe, expect, it } from 'vitest';
import type { EventContent, Field } from '../../../shared/model/fields.ts';
import { needs, stage, type BridgeHarness, type Scene } from './harness.ts';

/** What must survive the way into a system and back: texts, dates, nights of the clock change. */
export function describeContent(make: () => Promise<BridgeHarness>): void {
  describe('content', () => {
    const texts = {
      norwegian: 'Ærlig møte på Ås – «høring»',
      emoji: '👩‍💻 sprint 🇳🇴 og 𝒮cript',
      markup: '<b>5 < 6 & "sitat"</b> &amp; \'apostrof\'',
      'scripts of all kinds': '会議室 Đặng Ẑ ｱ עברית',
      'combining marks': 'o\u0308kologi og ökologi',
    };
    for (const [name, text] of Object.entries(texts))
      it(`keeps ${name} in title and description`, async () => {
        const scene = await stage(make);
        const content = scene.nth(1, { title: text, description: `${text}\n\n${text}` });
        const item = await scene.applied(scene.createOf(content));
        const { event } = await scene.read(item.id);
        expect(event.title).toBe(text);
        expect(event.description).toBe(`${text}\n\n${text}`);
      });

    for (const filler of ['x', 'æ', '🎉'])
      it(`cuts a title of ${filler} where the system ends, at a whole character`, async () => {
        const scene = await stage(make);
        const title = `a${filler.repeat(300)}`;
        const item = await scene.applied(scene.createOf(scene.nth(1, { title })));
        const { event } = await scene.read(item.id);
        expect(event.title).toBe(item.event.title);
        expect(title.startsWith(event.title)).toBe(true);
        expect(event.title.length).toBeLessThanOrEqual(scene.can.titleCharsMax);
        expect(event.title.length).toBeGreaterThanOrEqual(
          Math.min(title.length, scene.can.titleCharsMax) - 1,
        );
        expect(event.title.isWellFormed()).toBe(true);
      });

    it('is the same after ten round trips', async () => {
      const scene = await stage(make);
      const description = 'Punkt 1:\n  - innrykk\n\n<script>alert(1)</script>\n\tTabulator & slutt';
      const item = await scene.applied(scene.createOf(scene.nth(1, { description })));
      const first = await scene.read(item.id);
      let present = first;
      for (let trip = 0; trip < 10; trip += 1) {
        const { event } = present;
        await scene.applied(scene.updateOf(present, ['description', 'title', 'slot'], event));
        present = await scene.read(item.id);
      }
      expect(scene.fieldsOf(present)).toEqual(scene.fieldsOf(first));
      expect(present.event.description).toBe(description);
    });
  });
  describeDates(make);
  describeClockChange(make);
}

function describeDates(make: () => Promise<BridgeHarness>): void {
  describe('all-day events', () => {
    const cases = [
      ['one day', '2026-12-24', 1],
      ['three days', '2026-11-06', 3],
      ['over the night of 23 hours', '2027-03-27', 2],
      ['over the night of 25 hours', '2026-10-24', 2],
    ] as const;
    for (const [name, date, days] of cases)
      it(`keep their dates: ${name}`, async (context) => {
        const scene = await stage(make);
        needs(context, scene.can.allDay, 'all-day events become timed ones');
        expect(await shownAnew(scene, scene.allDay(date, days))).toEqual(Array(3).fill('kept'));
      });

    it('become timed and all-day again', async (context) => {
      const scene = await stage(make);
      needs(context, scene.can.allDay, 'all-day events become timed ones');
      const { id } = await scene.applied(scene.createOf(scene.allDay('2026-12-01', 1)));
      const timed = scene.nth(5);
      const item = await scene.applied(scene.updateOf(await scene.read(id), ['slot'], timed));
      expect(scene.fieldsOf(item)['slot']).toEqual(scene.expected(timed, item)['slot']);
      const back = scene.allDay('2026-12-02', 2);
      const again = await scene.applied(scene.updateOf(await scene.read(id), ['slot'], back));
      expect(scene.fieldsOf(again)['slot']).toEqual(scene.expected(back, again)['slot']);
      expect(await scene.read(id)).toMatchObject({ event: { showWithoutTime: true } });
    });
  });
}

function describeClockChange(make: () => Promise<BridgeHarness>): void {
  describe('the nights in which the clock is changed', () => {
    const nights = {
      'from 01:30 to 03:30 in spring, one hour': ['2027-03-28T00:30:00Z', '2027-03-28T01:30:00Z'],
      'the day after spring': ['2027-03-29T07:00:00Z', '2027-03-29T08:00:00Z'],
      'from 01:00 to 03:00 in autumn, three hours': [
        '2026-10-24T23:00:00Z',
        '2026-10-25T02:00:00Z',
      ],
      'the first 02:30 in autumn': ['2026-10-25T00:30:00Z', '2026-10-25T02:30:00Z'],
      'the day after autumn': ['2026-10-26T08:00:00Z', '2026-10-26T09:00:00Z'],
    } as const;
    for (const [name, [from, to]] of Object.entries(nights))
      it(`keep instants: ${name}`, async () => {
        const scene = await stage(make);
        expect(await shownAnew(scene, scene.timed(from, to))).toEqual(Array(3).fill('kept'));
      });

    it('keep instants: the second 02:30 in autumn', async (context) => {
      const scene = await stage(make);
      needs(context, scene.harness.keepsWallClock !== true, 'wall clocks cannot tell it');
      // Named in UTC: its wall clock in Oslo stands for the first 02:30.
      const content = {
        ...scene.timed('2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z'),
        start: '2026-10-25T01:30:00' as EventContent['start'],
        timeZone: 'UTC' as NonNullable<EventContent['timeZone']>,
      };
      expect(await shownAnew(scene, content)).toEqual(Array(3).fill('kept'));
    });
  });
}

/**
 * How the event is shown after we wrote it, in the answer and by id, and in a list after a person made
 * it: `kept`, or the fields that differ.
 */
async function shownAnew(scene: Scene, content: EventContent): Promise<unknown[]> {
  const written = await scene.applied(scene.createOf(content));
  const read = await scene.read(written.id);
  await scene.writeOne(scene.cancelOf(read));
  const id = await scene.harness.personCreates(content);
  const listed = (await scene.list()).filter((item) => item.id === id);
  return [written, read, ...listed].map((item) => {
    const wanted = scene.expected(content, item);
    const shown = scene.fieldsOf(item);
    const differing = Object.entries(wanted).filter(
      ([field, value]) => JSON.stringify(shown[field as Field]) !== JSON.stringify(value),
    );
    return differing.length === 0
      ? 'kept'
      : Object.fromEntries(differing.map(([field]) => [field, shown[field as Field]]));
  });
}
