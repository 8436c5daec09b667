import type { FaultInput, FaultTable } from '../../../local/simulator-kit/faults.ts';
import type { Side } from '../../../shared/model/ids.ts';
import { MINUTE_MS } from '../../../shared/model/time.ts';
import type { Town, TownOptions } from '../../support/town.ts';

/** What the bridge does to a system: `look` asks whether something is gone. */
export const OPERATIONS = ['read', 'look', 'create', 'update', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Match = NonNullable<FaultInput['match']>;

/** The request that a fault is to befall: the first like it, or one after so many others. */
export interface Aim extends Match {
  readonly skip?: number;
}

/** A system that may fail, and the requests that each operation is made of. */
export interface System {
  readonly name: string;
  readonly side: Side;
  readonly town: TownOptions;
  readonly requests: Readonly<Record<Operation, readonly Aim[]>>;
  /** What `lapse` takes from the client; a key does not lapse. */
  readonly lapse?: 'session' | 'token';
  /** Its lists come in pages. */
  readonly hasPages: boolean;
  /** Its answers say of themselves whether they are a success, and of how many rows. */
  readonly hasEnvelope: boolean;
  /** It has no read by id: gone is what its lists do not show for so long. */
  readonly silenceMs?: number;
  faults(town: Town): FaultTable;
}

const BATCH: Match = { method: 'POST', path: '/$batch' };

const OUTLOOK: System = {
  name: 'Outlook',
  side: 'b',
  town: {},
  // A request inside a batch can fail, or the batch as a whole.
  requests: {
    read: [{ method: 'GET', path: '/calendarView/delta' }],
    look: [{ method: 'GET', path: '/events/' }, BATCH],
    create: [{ method: 'POST', path: '/events' }, BATCH],
    update: [{ method: 'PATCH', path: '/events/' }, BATCH],
    delete: [{ method: 'DELETE', path: '/events/' }, BATCH],
  },
  lapse: 'token',
  hasPages: true,
  hasEnvelope: false,
  faults: ({ graph }) => graph.faults,
};

const PORTICO: System = {
  name: 'booking (portico)',
  side: 'a',
  town: {},
  // An event is ended in three requests: look, note, deactivate.
  requests: {
    read: [{ method: 'GET', path: '/schedule' }],
    look: [{ method: 'GET', path: '/booking/events/' }],
    create: [{ method: 'POST', path: '/events' }],
    update: [{ method: 'PUT', path: '/booking/events/' }],
    delete: [
      { method: 'GET', path: '/booking/events/' },
      { method: 'PUT', path: '/booking/events/' },
      { method: 'PATCH', path: '/toggle-active' },
    ],
  },
  lapse: 'session',
  hasPages: false,
  hasEnvelope: false,
  faults: ({ booking }) => booking.faults,
};

const EVENTS = '/api/resources/1/events';
/** The list in which an event is looked for begins a month before the day of the scene. */
const WIDE: Match = { method: 'GET', path: `${EVENTS}?start_date=2026-10-` };

const GENERIC: System = {
  name: 'booking (generic)',
  side: 'a',
  town: { profile: 'generic' },
  requests: {
    read: [{ method: 'GET', path: `${EVENTS}?start_date=2026-11-22` }],
    // The wide list, and every list there is.
    look: [WIDE, { method: 'GET', path: `${EVENTS}?` }],
    // Made, and read back in a list of the days around its slot: those of scenes are in January.
    create: [
      { method: 'POST', path: EVENTS },
      { method: 'GET', path: `${EVENTS}?start_date=2027-01-` },
    ],
    // Looked at, sent whole, and read back.
    update: [WIDE, { method: 'PUT', path: `${EVENTS}/` }, { ...WIDE, skip: 1 }],
    delete: [{ method: 'DELETE', path: `${EVENTS}/` }],
  },
  hasPages: false,
  hasEnvelope: true,
  silenceMs: 5 * MINUTE_MS,
  faults: ({ booking }) => booking.faults,
};

export const SYSTEMS: readonly System[] = [OUTLOOK, PORTICO, GENERIC];
/** Those that stand in one town. */
export const TOWNS: readonly (readonly [System, System])[] = [
  [OUTLOOK, PORTICO],
  [OUTLOOK, GENERIC],
];
