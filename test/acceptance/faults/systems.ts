import type { FaultInput, FaultTable } from '../../../local/simulator-kit/faults.ts';
import type { Side } from '../../../shared/model/ids.ts';
import type { Town, TownOptions } from '../../support/town.ts';

/** What the bridge does to a system: `look` asks by id whether something is gone. */
export const OPERATIONS = ['read', 'look', 'create', 'update', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Match = NonNullable<FaultInput['match']>;

/** A system that may fail, and the requests that each operation is made of. */
export interface System {
  readonly name: string;
  readonly side: Side;
  readonly town: TownOptions;
  readonly requests: Readonly<Record<Operation, readonly Match[]>>;
  /** What `lapse` takes from the client. */
  readonly lapse: 'session' | 'token';
  /** Its lists come in pages. */
  readonly hasPages: boolean;
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
  faults: ({ booking }) => booking.faults,
};

export const SYSTEMS: readonly System[] = [OUTLOOK, PORTICO];
