/** Reads rooms of the booking system by its published calls, for the comparator. */

export type Fetch = (request: Request) => Promise<Response>;

export interface PorticoAccess {
  readonly profile: 'portico';
  readonly login: string;
  readonly password: string;
  readonly domain: string;
}

export interface GenericAccess {
  readonly profile: 'generic';
  readonly apiKey: string;
}

/** A booking system, and how it is read: by its Portico contract, or by the generic one. */
export interface BookingSystem<Access = PorticoAccess | GenericAccess> {
  readonly fetch: Fetch;
  readonly bookingUrl: string;
  readonly booking: Access;
}

/** Both whole, `YYYY-MM-DD`. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

interface ScheduleRow {
  readonly type: string;
  readonly id: number;
  readonly name?: string;
  readonly group_name?: string;
  readonly organization_name?: string;
  readonly from_: string;
  readonly to_: string;
}

interface GenericEvent {
  readonly title: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly description: string;
}

const OSLO_MINUTES = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Oslo',
  dateStyle: 'short',
  timeStyle: 'short',
});

export function osloMinutes(at: string | number): string {
  return OSLO_MINUTES.format(new Date(at));
}

/** The events of a room, a line each. */
type BookingReader = (resourceId: string, days: Days, descriptions: boolean) => Promise<string[]>;

export async function bookingReader({ booking, ...rest }: BookingSystem): Promise<BookingReader> {
  if (booking.profile === 'generic')
    return async (...room) => await genericLines({ ...rest, booking }, ...room);
  const systems = { ...rest, booking };
  const session = await signIn(systems);
  return async (...room) => await porticoLines(systems, session, ...room);
}

/** A list of the generic contract is whole: it has no pages, and shows descriptions to everybody. */
async function genericLines(
  { fetch, bookingUrl, booking }: BookingSystem<GenericAccess>,
  resourceId: string,
  days: Days,
  descriptions: boolean,
): Promise<string[]> {
  const query = `start_date=${days.from}&end_date=${days.to}&format=json`;
  const path = `/api/resources/${encodeURIComponent(resourceId)}/events?${query}`;
  const headers = { authorization: `Bearer ${booking.apiKey}` };
  const answer = await fetch(new Request(`${bookingUrl}${path}`, { headers }));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  const { events } = (await answer.json()) as { events: GenericEvent[] };
  return events.map((event) => {
    const times = `${osloMinutes(event.start_time)} - ${osloMinutes(event.end_time)}`;
    const text = descriptions ? ` | ${event.description.trim()}` : '';
    return `${event.title} | ${times}${text}`;
  });
}

type Session = Readonly<Record<string, string>>;

export async function signIn({
  fetch,
  bookingUrl,
  booking,
}: BookingSystem<PorticoAccess>): Promise<Session> {
  const answer = await fetch(
    new Request(`${bookingUrl}/login`, {
      method: 'POST',
      body: new URLSearchParams({
        logindomain: booking.domain,
        login: booking.login,
        passwd: booking.password,
      }),
    }),
  );
  const { session_name: name, session_id: id } = (await answer.json()) as Record<string, string>;
  if (name === undefined || id === undefined) throw new Error(`sign-in: ${answer.status}`);
  return { [name]: id, domain: booking.domain, phpgw_return_as: 'json', api_mode: '1' };
}

async function porticoLines(
  systems: BookingSystem<PorticoAccess>,
  session: Session,
  resourceId: string,
  days: Days,
  descriptions: boolean,
): Promise<string[]> {
  const rows = (await bookingGet(systems, session, `/booking/resources/${resourceId}/schedule`, {
    start_date: days.from,
    end_date: days.to,
  })) as ScheduleRow[];
  return await Promise.all(
    rows.map(async (row) => {
      const title = row.name ?? row.group_name ?? row.organization_name ?? '';
      const minutes = (text: string): string => text.slice(0, 16).replace('T', ' ');
      const times = `${minutes(row.from_)} - ${minutes(row.to_)}`;
      const text = descriptions ? ` | ${await descriptionOf(systems, session, row)}` : '';
      return `${title} | ${times}${text}`;
    }),
  );
}

/** The schedule hides it; only events have one. */
async function descriptionOf(
  systems: BookingSystem<PorticoAccess>,
  session: Session,
  { type, id }: ScheduleRow,
): Promise<string> {
  if (type !== 'event') return '';
  const event = (await bookingGet(systems, session, `/booking/events/${id}`)) as {
    description?: string;
  };
  const text = (event.description ?? '').trim();
  return text === '-' ? '' : text;
}

async function bookingGet(
  { fetch, bookingUrl }: Pick<BookingSystem, 'fetch' | 'bookingUrl'>,
  session: Session,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const search = new URLSearchParams({ ...session, ...query }).toString();
  const answer = await fetch(new Request(`${bookingUrl}${path}?${search}`));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}
