import type { Instant } from '../../../shared/util/clock.ts';
import { ROOM, world } from '../../shared/bridges/outlook/support.ts';

/** The bridge subscribes, finds what is there, renews, takes over and ends. */
export async function subscribe(): Promise<void> {
  const { bridge, clock } = world();
  const until = (clock.now() + bridge.push.lifeMs) as Instant;
  const wanted = {
    resource: ROOM,
    notificationUrl: 'http://app.test/notices',
    lifecycleUrl: 'http://app.test/notices',
    clientState: 'state',
    signingSecret: 'not for Graph',
    until,
  };
  const { id } = await bridge.push.subscribe(wanted);
  await bridge.push.listIds();
  await bridge.push.renew(id, until);
  await bridge.push.subscribe({ ...wanted, clientState: 'another state' });
  await bridge.push.unsubscribe(id);
}
