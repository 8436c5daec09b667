import { expect, it } from 'vitest';
import type { BridgeKey } from '../../shared/model/ids.ts';
import type { Subscription } from '../../shared/model/subscription.ts';
import { MINUTE_MS } from '../../shared/model/time.ts';
import { TENANT } from '../support/memory-world.ts';
import { bookingTimes, graphEvent, Town } from '../support/town.ts';

async function subscription(town: Town): Promise<Subscription> {
  const [row] = await town.stores.subscriptions.list(TENANT, 'outlook' as BridgeKey);
  if (row === undefined) throw new Error('there is no subscription');
  return row;
}

async function pass(town: Town, minutes: number): Promise<void> {
  for (let minute = 5; minute <= minutes; minute += 5) {
    town.manual.advance(5 * MINUTE_MS);
    await town.timer('syncBookingToOutlook');
    if (minute % 10 === 0) await town.timer('syncOutlookToBooking');
    await town.timer('renewSubscriptions');
    await town.graph.pump();
    await town.work();
  }
}

it('a subscription that falls silent minutes after a notice is made anew when a later change goes unannounced', async () => {
  const town = await Town.open();
  await town.settle();
  await town.timer('renewSubscriptions');
  await pass(town, 30);
  await town.meet(1, graphEvent('Announced', 2, 9));
  await town.graph.pump();
  await town.work();
  const first = await subscription(town);
  expect(first.heardAt).toBeDefined();

  // From here on nothing is announced; a look six minutes later, as bookings bring it about, finds a
  // change that the notice before may still have been about.
  await town.graphControl('POST', 'notices', { lost: 1 });
  town.manual.advance(5.5 * MINUTE_MS);
  await town.book(1, { title: 'Choir', ...bookingTimes(3, 18) });
  await town.run();
  town.manual.advance(MINUTE_MS);
  await town.meet(1, graphEvent('Budget', 3, 9));
  await town.run();
  await pass(town, 30);
  expect((await subscription(town)).id).toBe(first.id);

  await town.meet(1, graphEvent('Never announced', 6, 9));
  await pass(town, 60);
  expect((await subscription(town)).id).not.toBe(first.id);
  const alerts = await town.stores.alerts.list(TENANT);
  expect(alerts.map(({ kind }) => kind)).toEqual(['push-dead']);
  expect(await town.isEqual()).toBe(true);
});
