import { answer, startTown, type Answer, type Harness, type Json } from './harness.ts';

export const KEY = 'town-key';
export const EVENTS = '/api/resources/12/events';
export const BEARER = { authorization: `Bearer ${KEY}` };

export interface GenericTown extends Harness {
  /** Calls the generic interface with the town's key, or with other headers. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

/** The town of `startTown`, served by the generic contract as well. */
export async function startGeneric(
  extra: NonNullable<Parameters<typeof startTown>[0]> = {},
  options: Parameters<typeof startTown>[1] = {},
): Promise<GenericTown> {
  const auth = { type: 'bearer' as const, key: KEY };
  const town = await startTown({ generic: { auth }, ...extra }, options);
  const api: GenericTown['api'] = async (method, path, body, headers = BEARER) =>
    await answer(
      await town.raw(method, path, {
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  return { ...town, api };
}

/** Body of a new event. */
export function meeting(overrides: Json = {}): Json {
  return {
    title: 'Budget',
    start_time: '2026-06-25T11:00:00Z',
    end_time: '2026-06-25T12:00:00Z',
    source: 'calendar_bridge',
    bridge_import: true,
    ...overrides,
  };
}

/** Makes an event in room 12 and gives its id. */
export async function created(town: GenericTown, overrides: Json = {}): Promise<string> {
  const made = await town.api('POST', EVENTS, meeting(overrides));
  if (made.status !== 201) throw new Error(`not made: ${JSON.stringify(made.json)}`);
  return String(made.json['event_id']);
}

/** The events of a room over days, both whole. */
export async function listed(
  town: GenericTown,
  from = '2026-06-01',
  to = '2026-06-30',
  room = 12,
): Promise<Json[]> {
  const path = `/api/resources/${room}/events?start_date=${from}&end_date=${to}&format=json`;
  return (await town.api('GET', path)).json['events'] as Json[];
}
