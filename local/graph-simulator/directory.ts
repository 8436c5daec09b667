import * as z from 'zod';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { guidOf } from './ids.ts';
import type { Mailbox } from './model.ts';

const Address = z.string().regex(/^[^@\s]+@[^@\s]+$/, 'an SMTP address');

const RoomSchema = z.object({
  mailbox: Address,
  displayName: z.string(),
  capacity: z.int().nonnegative().optional(),
  /** What a person's meeting is called in the room's calendar. */
  subjectFrom: z.enum(['meeting', 'organizer']).default('meeting'),
  /** Whether a meeting cancelled by its organizer stays, marked `isCancelled`. */
  keepCancelled: z.boolean().default(false),
});

/** Body of `POST /__sim/seed`, the same for the Graph simulator and the authority. */
export const SeedSchema = z.object({
  tenants: z.array(
    z.object({
      tenantId: z.string().min(1),
      domain: z.string().min(1),
      apps: z
        .array(z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) }))
        .default([]),
      rooms: z.array(RoomSchema).default([]),
      people: z.array(z.object({ mailbox: Address, displayName: z.string() })).default([]),
      groups: z
        .array(z.object({ id: z.string(), displayName: z.string(), members: z.array(Address) }))
        .default([]),
      roomLists: z
        .array(z.object({ mailbox: Address, displayName: z.string(), rooms: z.array(Address) }))
        .default([]),
    }),
  ),
});

export type SeedInput = z.input<typeof SeedSchema>;
export type Seed = z.output<typeof SeedSchema>;

export interface Group {
  tenantId: string;
  id: string;
  displayName: string;
  /** SMTP addresses in lower case. */
  members: string[];
}

/** A distribution list whose members are rooms. */
export interface RoomList {
  tenantId: string;
  placeId: string;
  /** In lower case, as the addresses of its rooms. */
  address: string;
  displayName: string;
  rooms: string[];
}

/** The users, rooms, groups and room lists of all tenants. Seeding twice changes nothing. */
export class Directory {
  readonly #mailboxes: DurableMap<Mailbox>;
  readonly #groups: DurableMap<Group>;
  readonly #roomLists: DurableMap<RoomList>;
  readonly #addressOfObjectId = new Map<string, Mailbox>();

  constructor(journal: Journal) {
    this.#mailboxes = journal.collection('mailboxes');
    this.#groups = journal.collection('groups');
    this.#roomLists = journal.collection('room-lists');
    for (const mailbox of this.#mailboxes.values()) this.#index(mailbox);
  }

  seed({ tenants }: Seed): void {
    for (const { tenantId, rooms, people, groups, roomLists } of tenants) {
      for (const room of rooms) this.#put({ ...room, tenantId, kind: 'room' });
      for (const person of people)
        this.#put({
          ...person,
          tenantId,
          kind: 'person',
          subjectFrom: 'meeting',
          keepCancelled: true,
        });
      for (const { id, displayName, members } of groups) {
        const group = { tenantId, id, displayName, members: members.map((m) => m.toLowerCase()) };
        this.#groups.set(`${tenantId}|${id.toLowerCase()}`, group);
      }
      for (const list of roomLists) this.#putRoomList(tenantId, list);
    }
  }

  /** A mailbox of the tenant by SMTP address or object id, both without regard to case. */
  find(tenantId: string, user: string): Mailbox | undefined {
    const found =
      this.#mailboxes.get(mailboxKey(tenantId, user)) ??
      this.#addressOfObjectId.get(user.toLowerCase());
    return found?.tenantId === tenantId ? found : undefined;
  }

  /** The address a request is about, for the log, faults and limits; the tenant is not known yet. */
  addressOf(user: string): string {
    return this.#addressOfObjectId.get(user.toLowerCase())?.address ?? user.toLowerCase();
  }

  /** The mailboxes of all tenants that the address or object id names. */
  everywhere(user: string): Mailbox[] {
    const wanted = user.toLowerCase();
    return [...this.#mailboxes.values()].filter(
      ({ address, objectId }) => address === wanted || objectId === wanted,
    );
  }

  place(tenantId: string, idOrAddress: string): Mailbox | undefined {
    const wanted = idOrAddress.toLowerCase();
    return this.rooms(tenantId).find(
      ({ placeId, address }) => placeId === wanted || address === wanted,
    );
  }

  rooms(tenantId: string): Mailbox[] {
    return this.users(tenantId).filter(({ kind }) => kind === 'room');
  }

  users(tenantId: string): Mailbox[] {
    return [...this.#mailboxes.values()].filter((mailbox) => mailbox.tenantId === tenantId);
  }

  group(tenantId: string, id: string): Group | undefined {
    return this.#groups.get(`${tenantId}|${id.toLowerCase()}`);
  }

  roomLists(tenantId: string): RoomList[] {
    return [...this.#roomLists.values()].filter((list) => list.tenantId === tenantId);
  }

  roomList(tenantId: string, idOrAddress: string): RoomList | undefined {
    const wanted = idOrAddress.toLowerCase();
    return this.roomLists(tenantId).find(
      ({ placeId, address }) => placeId === wanted || address === wanted,
    );
  }

  #putRoomList(tenantId: string, list: Seed['tenants'][number]['roomLists'][number]): void {
    const key = mailboxKey(tenantId, list.mailbox);
    this.#roomLists.set(key, {
      tenantId,
      placeId: guidOf(`place ${key}`),
      address: list.mailbox.toLowerCase(),
      displayName: list.displayName,
      rooms: list.rooms.map((room) => room.toLowerCase()),
    });
  }

  #put(entry: Omit<Mailbox, 'key' | 'address' | 'objectId' | 'placeId'> & { mailbox: string }) {
    const { mailbox, ...rest } = entry;
    const key = mailboxKey(entry.tenantId, mailbox);
    const stored: Mailbox = {
      ...rest,
      key,
      address: mailbox.toLowerCase(),
      objectId: guidOf(`user ${key}`),
      placeId: guidOf(`place ${key}`),
    };
    this.#mailboxes.set(key, stored);
    this.#index(stored);
  }

  #index(mailbox: Mailbox): void {
    this.#addressOfObjectId.set(mailbox.objectId, mailbox);
  }
}

function mailboxKey(tenantId: string, address: string): string {
  return `${tenantId}|${address.toLowerCase()}`;
}
