import { UNBOUNDED, type BridgeWrite } from '../../../shared/bridges/bridge.ts';
import type { SnapshotItem } from '../../../shared/model/snapshot.ts';
import {
  content,
  create,
  created,
  EVENTS,
  native,
  read,
  write,
} from '../../shared/bridges/outlook/phrases.ts';
import { GROUP, PERSON, ROOM, world, type World } from '../../shared/bridges/outlook/support.ts';
import { WINDOW } from '../bridge-contract/harness.ts';
import { subscribe } from './subscription-scenes.ts';

/** The bridge does everything it can, and is refused in every way it knows. */
export async function doEverything(): Promise<void> {
  const place = world({ groupId: GROUP, keepCancelled: true });
  await place.bridge.checkHealth();
  await place.bridge.listResources();
  await lookAtPeople();
  await subscribe();
  for (let day = 1; day <= 28; day += 1) await place.graph('POST', EVENTS, native(day));
  await write(place, ...Array.from({ length: 25 }, (_, n) => create(n)));
  const { cursor } = await read(place);
  await read(place, cursor);
  await writeAndLook(place);
  await read(place, cursor);
  await repeatCreates(place);
  await place.simulator.fetch(
    new Request('http://127.0.0.1/__sim/expire-delta', {
      method: 'POST',
      body: JSON.stringify({ mailbox: ROOM }),
    }),
  );
  await read(place, cursor).catch(() => undefined);
  await beThrottled(place);
}

const HALL = 'hall@municipal-a.example';

/** Room lists, the rooms of one, and a person's own calendar. */
async function lookAtPeople(): Promise<void> {
  const { bridge, simulator } = world({ groupId: HALL });
  const roomLists = [{ mailbox: HALL, displayName: 'Hall', rooms: [ROOM] }];
  simulator.seed({
    tenants: [{ tenantId: 'tenant-a', domain: 'municipal-a.example', roomLists }],
  });
  await bridge.listGroups();
  await bridge.listResources();
  await bridge.readUserItems(PERSON, WINDOW, UNBOUNDED);
}

function updateOf({ id, version }: SnapshotItem, title: string): BridgeWrite {
  const { mappingId, stamp } = create(0);
  const update = { kind: 'update', mappingId, stamp, id, fields: ['title', 'slot'] } as const;
  return { ...update, version, content: content(2, { title }) };
}

/** Changes, stale changes, changes of what is gone, and looks at all of it. */
async function writeAndLook(place: World): Promise<void> {
  const [first, second] = [await created(place, 50), await created(place, 51)];
  const { mappingId } = create(0);
  await write(place, updateOf(first, 'B'), updateOf(second, 'B'));
  await write(place, updateOf(first, 'stale'));
  const cancel = { kind: 'cancel', mappingId, id: second.id } as const;
  await write(place, { ...cancel, version: second.version });
  await write(place, cancel, cancel, updateOf(second, 'C'));
  await place.bridge.readItems(ROOM, [first.id, second.id], UNBOUNDED);
}

/** A create with another content under its key, and one whose event is deleted. */
async function repeatCreates(place: World): Promise<void> {
  const item = await created(place, 60);
  const again = { ...create(60), content: content(9, { title: 'Another' }) };
  await write(place, again);
  await write(place, { kind: 'cancel', mappingId: again.mappingId, id: item.id });
  await write(place, again);
}

/** Persons keep the mailbox busy while the bridge writes and reads. */
async function beThrottled(place: World): Promise<void> {
  const busy = Array.from({ length: 4 }, () => place.graph('GET', EVENTS).catch(() => undefined));
  await Promise.all([
    ...busy,
    write(place, create(70), create(71)),
    read(place).catch(() => undefined),
  ]);
}
