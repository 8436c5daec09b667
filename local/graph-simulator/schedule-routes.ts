import * as z from 'zod';
import { answer, jsonBody, mailboxCall, type Api, type GraphContext } from './api.ts';
import { MAILBOX_ZONE, WORKING_HOURS } from './directory-routes.ts';
import { badRequest } from './errors.ts';
import { instancesIn, type Instance } from './series.ts';
import type { Mailbox } from './model.ts';
import { Routes } from './routes.ts';
import { instantOf, viewTimes, zoneOf, type Zone } from './time.ts';

const DAY_MS = 86_400_000;
const SCHEDULES_MAX = 20;
const WINDOW_MAX_MS = 62 * DAY_MS;

const Time = z.object({ datetime: z.string(), timezone: z.string().default('UTC') });
const ScheduleSchema = z.object({
  schedules: z.array(z.string()).min(1).max(SCHEDULES_MAX),
  starttime: Time,
  endtime: Time,
  availabilityviewinterval: z.int().min(5).max(1440).default(30),
});

/** `getSchedule`: the free and busy times of up to 20 mailboxes. Items carry no event id. */
export function scheduleRoutes(api: Api): Routes {
  const app = new Routes();
  app.post('/users/:user/calendar/getSchedule', [200, 400, 404], (c) => getSchedule(c, api));
  return app;
}

interface Window {
  startMs: number;
  endMs: number;
  slotMs: number;
  zone: Zone;
}

async function getSchedule(c: GraphContext, api: Api): Promise<Response> {
  const { preferences, base } = mailboxCall(c, api);
  const parsed = ScheduleSchema.safeParse(lowerKeys(await jsonBody(c)));
  if (!parsed.success) throw badRequest('ErrorInvalidParameter', z.prettifyError(parsed.error));
  const { schedules, starttime, endtime, availabilityviewinterval } = parsed.data;
  const instant = ({ datetime, timezone }: z.output<typeof Time>, member: string): number =>
    instantOf({ dateTime: datetime, timeZone: zoneOf(timezone) }, member);
  const window: Window = {
    startMs: instant(starttime, 'startTime'),
    endMs: instant(endtime, 'endTime'),
    slotMs: availabilityviewinterval * 60_000,
    zone: preferences.zone,
  };
  if (window.endMs <= window.startMs || window.endMs - window.startMs > WINDOW_MAX_MS)
    throw badRequest('ErrorInvalidParameter', 'endTime must be up to 62 days after startTime.');
  const { tenantId } = c.env.principal;
  return answer(
    {
      '@odata.context': `${base}/$metadata#Collection(microsoft.graph.scheduleInformation)`,
      value: schedules.map((address) =>
        scheduleOf(api, address, api.directory.find(tenantId, address), window),
      ),
    },
    { applied: preferences.applied },
  );
}

function scheduleOf(api: Api, scheduleId: string, mailbox: Mailbox | undefined, window: Window) {
  if (mailbox === undefined)
    return {
      scheduleId,
      availabilityView: '',
      error: {
        message: `Unable to resolve e-mail address ${scheduleId} to an Active Directory object.`,
        responseCode: 'ErrorMailRecipientNotFound',
      },
    };
  const instances = api.store
    .ofMailbox(mailbox.key)
    .flatMap((event) => instancesIn(event, window))
    .filter(({ event }) => event.showAs !== 'free' && !event.isCancelled)
    .sort((a, b) => times(a).startMs - times(b).startMs);
  return {
    scheduleId,
    availabilityView: availability(instances, window),
    scheduleItems: instances.map((instance) => scheduleItem(instance, window.zone)),
    workingHours: { ...WORKING_HOURS, timeZone: { name: MAILBOX_ZONE } },
  };
}

function times({ event, occurrence }: Instance) {
  return { ...event.time, ...occurrence };
}

/** Subject and place of what is private or confidential stay hidden. */
function scheduleItem(instance: Instance, zone: Zone) {
  const { event } = instance;
  const isPrivate = event.sensitivity === 'private' || event.sensitivity === 'confidential';
  const shown = {
    subject: event.subject ?? '',
    location: event.locations[0]?.['displayName'] ?? '',
  };
  return {
    isPrivate,
    status: event.showAs,
    ...(isPrivate ? {} : shown),
    ...viewTimes(times(instance), zone),
  };
}

const DIGITS: Readonly<Record<string, number>> = {
  free: 0,
  tentative: 1,
  busy: 2,
  oof: 3,
  workingElsewhere: 4,
};
/** Where several meetings share a slot, the one that blocks most is shown. */
const RANK = [0, 4, 1, 2, 3];

function availability(instances: readonly Instance[], { startMs, endMs, slotMs }: Window): string {
  let view = '';
  for (let at = startMs; at < endMs; at += slotMs) {
    const held = instances.filter(
      (instance) => times(instance).startMs < at + slotMs && times(instance).endMs > at,
    );
    const digits = new Set(held.map(({ event }) => DIGITS[event.showAs] ?? 2));
    view += RANK.findLast((digit) => digits.has(digit)) ?? 0;
  }
  return view;
}

function lowerKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toLowerCase(), lowerKeys(member)]),
  );
}
