/**
 * Says whether rooms hold the same events in Graph and in the booking system, one to one. It knows
 * nothing of the bridge: it asks the two systems by their published calls, as a person with both
 * calendars open would, and has its own idea of what "the same" is.
 */

export type Fetch = (request: Request) => Promise<Response>;

export interface ComparedSystems {
  readonly fetch: Fetch;
  /** Base with version, e.g. `http://127.0.0.1:7080/v1.0`. */
  readonly graphUrl: string;
  readonly graphToken: string;
  readonly bookingUrl: string;
  readonly booking: {
    readonly login: string;
    readonly password: string;
    readonly domain: string;
  };
}

export interface ComparedRoom {
  readonly resourceId: string;
  readonly mailbox: string;
}

export interface RoomComparison {
  readonly room: ComparedRoom;
  readonly inOutlook: number;
  readonly inBooking: number;
  /** Lines that only one side has; equal rooms have none. */
  readonly onlyInOutlook: readonly string[];
  readonly onlyInBooking: readonly string[];
}

interface GraphEvent {
  readonly subject: string | null;
  readonly isAllDay: boolean;
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
  readonly body?: { readonly content: string };
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

const OSLO_MINUTES = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Oslo',
  dateStyle: 'short',
  timeStyle: 'short',
});

/** Compares rooms over days (`YYYY-MM-DD`, both whole); `descriptions` costs a call an event. */
export async function compareRooms(
  systems: ComparedSystems,
  rooms: readonly ComparedRoom[],
  days: { readonly from: string; readonly to: string },
  { descriptions = false }: { readonly descriptions?: boolean } = {},
): Promise<readonly RoomComparison[]> {
  const session = await signIn(systems);
  const results: RoomComparison[] = [];
  for (const room of rooms) {
    const outlook = await outlookLines(systems, room.mailbox, days, descriptions);
    const booking = await bookingLines(systems, session, room.resourceId, days, descriptions);
    results.push({
      room,
      inOutlook: outlook.length,
      inBooking: booking.length,
      onlyInOutlook: without(outlook, booking),
      onlyInBooking: without(booking, outlook),
    });
  }
  return results;
}

export function areEqual(comparisons: readonly RoomComparison[]): boolean {
  return comparisons.every(
    ({ onlyInOutlook, onlyInBooking }) => onlyInOutlook.length + onlyInBooking.length === 0,
  );
}

/** As many of each line as are left over: two equal events need two equal partners. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

async function outlookLines(
  { fetch, graphUrl, graphToken }: ComparedSystems,
  mailbox: string,
  days: { readonly from: string; readonly to: string },
  descriptions: boolean,
): Promise<string[]> {
  const range = `startDateTime=${days.from}T00:00:00Z&endDateTime=${days.to}T23:59:59Z&$top=200`;
  let url: string | undefined =
    `${graphUrl}/users/${encodeURIComponent(mailbox)}/calendarView?${range}`;
  const lines: string[] = [];
  while (url !== undefined) {
    const answer = await fetch(
      new Request(url, {
        headers: {
          authorization: `Bearer ${graphToken}`,
          prefer: 'outlook.timezone="UTC", outlook.body-content-type="text"',
        },
      }),
    );
    if (!answer.ok) throw new Error(`Graph answered ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as { value: GraphEvent[]; '@odata.nextLink'?: string };
    for (const event of page.value) {
      const text = descriptions ? ` | ${(event.body?.content ?? '').trim()}` : '';
      lines.push(`${event.subject ?? ''} | ${graphTimes(event)}${text}`);
    }
    url = page['@odata.nextLink'];
  }
  return lines;
}

/** Whole days by their dates; else minutes in Oslo. */
function graphTimes({ isAllDay, start, end }: GraphEvent): string {
  if (isAllDay) return `${start.dateTime.slice(0, 10)} 00:00 - ${end.dateTime.slice(0, 10)} 00:00`;
  const minutes = (text: string): string => OSLO_MINUTES.format(new Date(`${text.slice(0, 19)}Z`));
  return `${minutes(start.dateTime)} - ${minutes(end.dateTime)}`;
}

type Session = Readonly<Record<string, string>>;

export async function signIn({ fetch, bookingUrl, booking }: ComparedSystems): Promise<Session> {
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

async function bookingLines(
  systems: ComparedSystems,
  session: Session,
  resourceId: string,
  days: { readonly from: string; readonly to: string },
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
  systems: ComparedSystems,
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

export async function bookingGet(
  { fetch, bookingUrl }: ComparedSystems,
  session: Session,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const search = new URLSearchParams({ ...session, ...query }).toString();
  const answer = await fetch(new Request(`${bookingUrl}${path}?${search}`));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}
