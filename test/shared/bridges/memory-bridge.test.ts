import { MemoryBridge, type MemoryBridgeOptions } from '../../../shared/bridges/memory-bridge.ts';
import type { ResourceId } from '../../../shared/model/ids.ts';
import type { TimeZoneId } from '../../../shared/model/time.ts';
import {
  CONTRACT_NOW,
  describeBridgeContract,
  type BridgeHarness,
} from '../../support/bridge-contract.ts';

const ROOM = 'room' as ResourceId;
const OTHER_ROOM = 'other-room' as ResourceId;
const OSLO = 'Europe/Oslo' as TimeZoneId;

function memoryBridge(options: Partial<MemoryBridgeOptions>): MemoryBridge {
  return new MemoryBridge({
    clock: { now: () => CONTRACT_NOW },
    timeZone: OSLO,
    resources: [
      { id: ROOM, name: 'Room', kind: 'room' },
      { id: OTHER_ROOM, name: 'Other room', kind: 'room' },
    ],
    ...options,
  });
}

function harnessOf(options: Partial<MemoryBridgeOptions>): () => Promise<BridgeHarness> {
  return () => {
    const bridge = memoryBridge(options);
    const { calendar } = bridge;
    return Promise.resolve({
      bridge,
      resource: ROOM,
      timeZone: OSLO,
      personCreates: async (content) => calendar.create(ROOM, content).id,
      personChanges: async (id, change) => void calendar.edit(id, change),
      personRemoves: async (id) => void calendar.remove(id),
      personMovesAway: async (id) => void calendar.change(id, { resources: [OTHER_ROOM] }),
      expireCursors: async () => calendar.expireCursors(),
    });
  };
}

describeBridgeContract('memory, able to do everything', harnessOf({}));

describeBridgeContract(
  'memory, as a booking system',
  harnessOf({
    hidden: ['description', 'contact'],
    capabilities: {
      changes: 'list',
      canBlank: false,
      titleCharsMax: 150,
      conditionalWrites: false,
      exclusiveSlots: true,
      stamps: false,
      lastModified: false,
      writesPerRequestMax: 1,
    },
  }),
);
