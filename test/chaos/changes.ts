import type { ComparedRoom } from '../../local/verify/comparator.ts';
import type { Random } from '../../simulation/random.ts';
import type { HallSystems } from '../support/halls.ts';
import { post } from '../support/post.ts';

/** What people can do to the events of a room. */
export type ChangeKind = 'create' | 'rename' | 'move' | 'end';
export type PeoplesSide = 'outlook' | 'booking';

interface Event {
  readonly side: PeoplesSide;
  readonly id: string;
  title: string;
  /** Index of its time: no two events of a room ever have the same. */
  slot: number;
}

interface Hall {
  readonly room: ComparedRoom;
  readonly events: Event[];
  slots: number;
  ends: number;
}

/** The brake lets ten ends a day through in any room. */
const ENDS_MAX = 9;
const SLOTS_A_DAY = 12;
const ZONE = 'Europe/Oslo';

/**
 * People who use both systems by their published calls, each event on the side where it was made, and
 * no two at one time: what both sides must show in the end is known to the last title.
 */
export class Changes {
  readonly counts = new Map<`${ChangeKind} ${PeoplesSide}`, number>();
  readonly #systems: HallSystems;
  readonly #random: Random;
  readonly #halls: readonly Hall[];
  #made = 0;

  constructor(systems: HallSystems, rooms: readonly ComparedRoom[], random: Random) {
    this.#systems = systems;
    this.#random = random;
    this.#halls = rooms.map((room) => ({ room, events: [], slots: 0, ends: 0 }));
  }

  /** Title and time of all that each room must have on both sides, as `bookingReader` tells them. */
  lines(): ReadonlyMap<ComparedRoom, readonly string[]> {
    return new Map(this.#halls.map(({ room, events }) => [room, events.map(lineOf)]));
  }

  async next(): Promise<void> {
    const hall = this.#random.pick(this.#halls);
    const drawn = this.#random.weighted({ create: 50, rename: 22, move: 20, end: 8 });
    const isPossible = drawn !== 'end' || hall.ends < ENDS_MAX;
    const kind = hall.events.length === 0 || !isPossible ? 'create' : drawn;
    const side = kind === 'create' ? await this.#create(hall) : await this.#change(hall, kind);
    const name = `${kind} ${side}` as const;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  async #create(hall: Hall): Promise<PeoplesSide> {
    const side = this.#random.pick(['outlook', 'booking'] as const);
    const title = this.#newTitle();
    const slot = (hall.slots += 1);
    const { resourceId } = hall.room;
    const { from, to } = timesOf(slot);
    const made =
      side === 'outlook'
        ? await this.#outlook('POST', hall, '', { subject: title, ...graphTimes(slot) })
        : await this.#web('POST', `resources/${resourceId}/events`, {
            source: 'web',
            contact_name: 'Per',
            title,
            from_: from,
            to_: to,
          });
    const { id } = made as { id: string | number };
    hall.events.push({ side, id: String(id), title, slot });
    return side;
  }

  async #change(hall: Hall, kind: Exclude<ChangeKind, 'create'>): Promise<PeoplesSide> {
    const event = this.#random.pick(hall.events);
    const { side, id } = event;
    if (kind === 'end') {
      if (side === 'outlook') await this.#outlook('DELETE', hall, id);
      else await this.#web('PATCH', `events/${id}/toggle-active`, { active: 0 });
      hall.events.splice(hall.events.indexOf(event), 1);
      hall.ends += 1;
    } else if (kind === 'rename') {
      const title = this.#newTitle();
      if (side === 'outlook') await this.#outlook('PATCH', hall, id, { subject: title });
      else await this.#web('PUT', `events/${id}`, { name: title });
      event.title = title;
    } else {
      const slot = (hall.slots += 1);
      const { from, to } = timesOf(slot);
      if (side === 'outlook') await this.#outlook('PATCH', hall, id, graphTimes(slot));
      else await this.#web('PUT', `events/${id}`, { from_: from, to_: to });
      event.slot = slot;
    }
    return side;
  }

  #newTitle(): string {
    this.#made += 1;
    return `Change ${this.#made}`;
  }

  async #outlook(method: string, { room }: Hall, id: string, body?: unknown): Promise<unknown> {
    const { graphUrl, graphToken } = this.#systems;
    const events = `${graphUrl}/users/${encodeURIComponent(room.mailbox)}/events`;
    const url = id === '' ? events : `${events}/${encodeURIComponent(id)}`;
    return await post(url, body, { authorization: `Bearer ${graphToken}` }, method);
  }

  async #web(method: string, page: string, body: unknown): Promise<unknown> {
    const { bookingUrl, booking } = this.#systems;
    const { domain } = booking;
    const url = `${bookingUrl}/__sim/people`;
    return await post(url, { method, path: `/booking/${page}`, domain, body });
  }
}

/** Half an hour each, from eight in the morning of the day after tomorrow on. */
function timesOf(slot: number): { from: string; to: string } {
  const day = new Date(Date.now() + (2 + Math.floor(slot / SLOTS_A_DAY)) * 86_400_000);
  const at = (minutes: number): string => {
    const hours = String(8 + Math.floor(minutes / 60)).padStart(2, '0');
    return `${day.toISOString().slice(0, 10)}T${hours}:${String(minutes % 60).padStart(2, '0')}:00`;
  };
  const start = (slot % SLOTS_A_DAY) * 60;
  return { from: at(start), to: at(start + 30) };
}

function lineOf({ title, slot }: Event): string {
  const { from, to } = timesOf(slot);
  const minutes = (text: string): string => text.replace('T', ' ').slice(0, 16);
  return `${title} | ${minutes(from)} - ${minutes(to)}`;
}

function graphTimes(slot: number) {
  const { from, to } = timesOf(slot);
  return {
    start: { dateTime: from, timeZone: ZONE },
    end: { dateTime: to, timeZone: ZONE },
  };
}
