import { describe, expect, it } from 'vitest';
import { UNBOUNDED, type WriteOutcome } from '../../../shared/bridges/bridge.ts';
import { MemoryBridge, type MemoryBridgeOptions } from '../../../shared/bridges/memory-bridge.ts';
import { BridgeError } from '../../../shared/model/errors.ts';
import type { EventContent } from '../../../shared/model/fields.ts';
import type { ExternalId, MappingId, PairId, ResourceId } from '../../../shared/model/ids.ts';
import type { Duration, LocalDateTime, TimeZoneId } from '../../../shared/model/time.ts';
import {
  CONTRACT_NOW,
  describeBridgeContract,
  WINDOW,
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

const WRITE = {
  mappingId: 'm:a:1' as MappingId,
  stamp: {
    source: 'test',
    sourceId: 'event:1' as ExternalId,
    pairId: 'pair' as PairId,
    mappingId: 'm:a:1' as MappingId,
  },
};
const CONTENT: EventContent = {
  title: 'Utlån',
  description: 'Nøkkel i resepsjonen',
  start: '2026-10-02T10:00:00' as LocalDateTime,
  timeZone: OSLO,
  duration: 'PT1H' as Duration,
  showWithoutTime: false,
  freeBusyStatus: 'busy',
};

describe('the memory bridge', () => {
  it('hides fields from lists that a read by id shows', async () => {
    const bridge = memoryBridge({ hidden: ['description'] });
    const { id } = bridge.calendar.create(ROOM, CONTENT);
    const { items } = await bridge.readChanges(ROOM, undefined, WINDOW, UNBOUNDED);
    expect(items[0]).toMatchObject({ event: { description: '' } });
    expect(items[0]?.shown).not.toContain('description');
    const [verdict] = await bridge.readItems(ROOM, [id], UNBOUNDED);
    expect(verdict).toMatchObject({ item: { event: { description: CONTENT.description } } });
  });

  it.each(['decline', 'none'] as const)(
    'refuses every write where rights are %s',
    async (rights) => {
      const bridge = memoryBridge({});
      const { id } = bridge.calendar.create(ROOM, CONTENT, { rights, alsoOn: [OTHER_ROOM] });
      const outcomes = await bridge.write(
        ROOM,
        [
          { ...WRITE, kind: 'update', id, fields: ['title'], content: { ...CONTENT, title: 'Ny' } },
          { ...WRITE, kind: 'cancel', id },
        ],
        UNBOUNDED,
      );
      expect(outcomes).toMatchObject([
        { kind: 'failed', error: { kind: 'rejected' } },
        { kind: 'failed', error: { kind: 'rejected' } },
      ]);
      expect(bridge.itemsOf(OTHER_ROOM)).toMatchObject([
        { id, rights, sharedWith: [ROOM], event: { title: CONTENT.title } },
      ]);
    },
  );

  it('lets no person take a slot that is exclusive', () => {
    const { calendar } = memoryBridge({ capabilities: { exclusiveSlots: true } });
    calendar.create(ROOM, CONTENT);
    expect(() => calendar.create(ROOM, CONTENT)).toThrow(/held by item-1/);
    expect(calendar.create(OTHER_ROOM, CONTENT).id).toBe('item-2');
  });
});

describe('writes in several requests', () => {
  class Refusing extends MemoryBridge {
    requests = 0;
    readonly #error: BridgeError;

    constructor(error: BridgeError) {
      super({
        clock: { now: () => CONTRACT_NOW },
        resources: [{ id: ROOM, name: 'Room', kind: 'room' }],
        capabilities: { writesPerRequestMax: 1 },
      });
      this.#error = error;
    }

    protected override writeChunk(): Promise<readonly WriteOutcome[]> {
      this.requests += 1;
      return Promise.resolve([{ kind: 'failed', error: this.#error }]);
    }
  }
  const writes = [1, 2, 3].map(
    () => ({ ...WRITE, kind: 'cancel', id: 'x' as ExternalId }) as const,
  );

  it.each([
    ['throttled', 429, 1],
    ['auth-rejected', 401, 1],
    ['rejected', 400, 3],
    ['unavailable', 500, 3],
    // No answer at all: the next write would wait as long.
    ['unavailable', undefined, 1],
  ] as const)(
    'stop where the system is not to be asked again: %s, %s',
    async (kind, status, requests) => {
      const bridge = new Refusing(
        new BridgeError(kind, 'refused', status === undefined ? {} : { status }),
      );
      const outcomes = await bridge.write(ROOM, writes, UNBOUNDED);
      expect(outcomes).toMatchObject(writes.map(() => ({ kind: 'failed', error: { kind } })));
      expect(bridge.requests).toBe(requests);
    },
  );
});
