import { expect, it } from 'vitest';
import { HOUR_MS } from '../../shared/model/time.ts';
import { Random } from '../../simulation/random.ts';
import { graphEvent, graphTimes, Town } from '../support/town.ts';

const NOTICES = 10_000;
const ROOMS = 20;
/** Changes of one room within half a second; Graph tells of each at least twice. */
const BURST = 10;

/** What is under way is told, and all that follows from it is done. */
async function quiet(town: Town): Promise<void> {
  for (let step = 0; step < 30; step += 1) {
    await town.graph.pump();
    await town.work();
    town.manual.advance(100);
  }
}

function passes(town: Town, room: number): number {
  const path = `/users/room-${room}%40town.example/calendarView/delta`;
  return town.graph.log.since(-Infinity).requests.filter((one) => one.path.includes(path)).length;
}

it(
  `${NOTICES} notices, a fifth doubled, a tenth out of order, a twentieth lost, every fiftieth POST refused with 503: both sides are equal, and no burst of a room caused more than two passes`,
  { timeout: 300_000 },
  async () => {
    const random = new Random(1);
    const town = await Town.open({ rooms: ROOMS });
    await town.settle();
    await town.timer('renewSubscriptions');
    const weather = { doubled: 0.2, reordered: 0.1, lateMs: 400, lost: 0.05 };
    await town.graphControl('POST', 'notices', weather);
    const events: string[] = [];
    for (let room = 1; room <= ROOMS; room += 1)
      events.push(await town.meet(room, graphEvent('First', 3, 9)));
    await quiet(town);
    expect(await town.isEqual()).toBe(true);

    let [posts, refused] = [0, 0];
    town.noticeStatus = () => {
      posts += 1;
      const isRefused = posts % 50 === 0;
      if (isRefused) refused += 1;
      return isRefused ? 503 : undefined;
    };
    // The last notice of a burst of half a second comes before the second is over.
    town.stepMs = 50;
    const made = (): number => town.graph.noticeCounts().made;
    const counted: number[] = [];
    for (let room = 1; made() < NOTICES; room = (room % ROOMS) + 1) {
      town.forgetRequests();
      for (let n = 0; n < BURST; n += 1) {
        const times = graphTimes(3 + random.int(60), 8 + random.int(8));
        await town.change(room, events[room - 1] ?? '', { subject: `Change ${n}`, ...times });
        // In the midst of it what is due is told, and acted on.
        if (random.int(3) > 0) continue;
        await town.graph.pump();
        await town.work();
      }
      await quiet(town);
      counted.push(passes(town, room));
    }
    expect(Math.max(...counted)).toBe(2);
    expect(refused).toBeGreaterThan(10);
    const { lost, doubled } = town.graph.noticeCounts();
    expect(lost).toBeGreaterThan(NOTICES / 25);
    expect(doubled).toBeGreaterThan(NOTICES / 6);

    // The last bursts of some rooms are lost whole, so that nothing tells of them.
    await town.graphControl('POST', 'notices', { lost: 1 });
    const silenced = [2, 7, 13];
    for (const room of silenced)
      await town.change(room, events[room - 1] ?? '', { subject: 'Not announced' });
    await quiet(town);
    expect(await town.isEqual()).toBe(false);

    // What was refused is told again within the hour; what was lost, the slow poll finds.
    await town.graphControl('POST', 'notices', {});
    town.noticeStatus = undefined;
    town.manual.advance(HOUR_MS);
    await town.graph.pump();
    await town.settle();
    expect(await town.isEqual()).toBe(true);
  },
);
