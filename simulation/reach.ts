import { toLocal } from '../shared/model/time.ts';
import type { Instant } from '../shared/util/clock.ts';
import type { Place } from './history.ts';
import { isExclusive } from './oracle.ts';
import {
  bookingUrlOf,
  domainOf,
  GRAPH_URL,
  mailboxOf,
  OSLO,
  tenantName,
  type Item,
  type Systems,
} from './systems.ts';

export type Json = Record<string, unknown>;

/** What people say of an event; what is left out stays as it is. */
export type Said = Partial<Pick<Item, 'title' | 'description' | 'start' | 'end' | 'isAllDay'>>;

/** How people reach both systems: by a mail client, and by the booking system's pages. */
export class Reach {
  readonly #systems: Systems;

  constructor(systems: Systems) {
    this.#systems = systems;
  }

  /** @param more What the system's own clients send beside it. */
  async make(tenant: number, place: Place, said: Said, more: Json = {}): Promise<Item | undefined> {
    const made = isExclusive(place)
      ? await this.#web('POST', tenant, place, `/booking/resources/${place.room}/events`, {
          source: 'web',
          contact_name: 'Per',
          ...bookingBody(said),
          ...more,
          title: said.title,
        })
      : await this.#outlook('POST', tenant, place, '/events', { ...graphBody(said), ...more });
    if (made === undefined) return undefined;
    const id = isExclusive(place) ? `event:${String(made['id'])}` : String(made['id']);
    return this.#systems.itemsOf(tenant, place).find((item) => item.id === id);
  }

  /** False where the system refuses it. */
  async edit(tenant: number, place: Place, { id }: Item, said: Said): Promise<boolean> {
    const done = isExclusive(place)
      ? await this.#web('PUT', tenant, place, pageOf(id), bookingBody(said))
      : await this.#outlook('PATCH', tenant, place, eventOf(id), graphBody(said));
    return done !== undefined;
  }

  /** @param isForGood Else the booking system keeps it, inactive. */
  async end(tenant: number, place: Place, { id }: Item, isForGood: boolean): Promise<void> {
    if (!isExclusive(place)) await this.#outlook('DELETE', tenant, place, eventOf(id));
    else if (isForGood) await this.#web('DELETE', tenant, place, pageOf(id));
    else await this.setActive(tenant, place, id, false);
  }

  /** In the booking system only. False where it refuses. */
  async setActive(tenant: number, place: Place, id: string, isActive: boolean): Promise<boolean> {
    const body = { active: isActive ? 1 : 0 };
    const done = await this.#web('PATCH', tenant, place, `${pageOf(id)}/toggle-active`, body);
    return done !== undefined;
  }

  /** In the booking system only. False where it refuses. */
  async moveTo(tenant: number, place: Place, { id }: Item, room: number): Promise<boolean> {
    const done = await this.#web('PUT', tenant, place, pageOf(id), { resources: [room] });
    return done !== undefined;
  }

  async #outlook(method: string, tenant: number, place: Place, path: string, body?: Json) {
    const user = encodeURIComponent(mailboxOf(tenant, place.room));
    const answer = await this.#systems.graph.fetch(
      new Request(`${GRAPH_URL}/v1.0/users/${user}${path}`, {
        method,
        headers: {
          authorization: `Bearer person ${tenantName(tenant)}`,
          'content-type': 'application/json',
          prefer: 'IdType="ImmutableId", outlook.body-content-type="text"',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    return await jsonOf(answer);
  }

  /** A change in the web pages of the booking system; undefined where they refuse it. */
  async #web(method: string, tenant: number, place: Place, path: string, body: Json = {}) {
    const domain = domainOf(tenant, place.bridge);
    const answer = await this.#systems.booking.fetch(
      new Request(`${bookingUrlOf(domain)}/__sim/people`, {
        method: 'POST',
        body: JSON.stringify({ method, path, domain, body }),
      }),
    );
    return await jsonOf(answer);
  }
}

function pageOf(id: string): string {
  return `/booking/${id.replace(':', 's/')}`;
}

function eventOf(id: string): string {
  return `/events/${encodeURIComponent(id)}`;
}

async function jsonOf(answer: Response): Promise<Json | undefined> {
  const text = await answer.text();
  if (!answer.ok) return undefined;
  return text === '' ? {} : (JSON.parse(text) as Json);
}

function graphBody({ title, description, start, end, isAllDay }: Said): Json {
  const time = (at: number): Json =>
    isAllDay === true
      ? { dateTime: toLocal(at as Instant, OSLO), timeZone: 'W. Europe Standard Time' }
      : { dateTime: new Date(at).toISOString().replace('Z', ''), timeZone: 'UTC' };
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: { contentType: 'text', content: description } }),
    ...(isAllDay === undefined ? {} : { isAllDay }),
    ...(start === undefined ? {} : { start: time(start) }),
    ...(end === undefined ? {} : { end: time(end) }),
  };
}

function bookingBody({ title, description, start, end }: Said): Json {
  const time = (at: number): string => toLocal(at as Instant, OSLO).replace('T', ' ');
  return {
    ...(title === undefined ? {} : { name: title }),
    ...(description === undefined ? {} : { description }),
    ...(start === undefined ? {} : { from_: time(start) }),
    ...(end === undefined ? {} : { to_: time(end) }),
  };
}
