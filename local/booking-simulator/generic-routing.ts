import type { Context } from 'hono';
import type { Faults } from './generic-fields.ts';
import type { GenericSettings } from './generic-settings.ts';
import type { BookingStore, Resource } from './store.ts';

/** What a handler works on: the key has decided the domain. */
export interface GenericCall {
  store: BookingStore;
  domain: string;
  settings: GenericSettings;
  /** Names the rooms of this call in the request log. */
  touches: (resourceIds: readonly number[]) => void;
}

export interface GenericRoute {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Hono path. */
  path: string;
  handle: (c: Context, call: GenericCall) => Response | Promise<Response>;
}

/** The error object that every failure has. */
export function failure(
  c: Context,
  status: 400 | 401 | 404 | 405 | 409 | 500,
  [code, error]: readonly [code: string, error: string],
  details: Record<string, string> = {},
): Response {
  return c.json({ success: false, error, error_code: code, details }, status);
}

export function invalid(c: Context, faults: Faults): Response {
  return failure(c, 400, ['VALIDATION_FAILED', 'The request is not valid'], faults);
}

/** What takes no part in the frontend is not there for this interface. */
export function isListed({ active, hidden_in_frontend: hidden }: Resource): boolean {
  return active === 1 && hidden === 0;
}

export function idOf(text: string | undefined): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text ?? '') ? Number(text) : undefined;
}

export function findResource(
  c: Context,
  { store, domain, touches }: GenericCall,
): Resource | Response {
  const id = idOf(c.req.param('id'));
  const resource = id === undefined ? undefined : store.resource(domain, id);
  if (id !== undefined) touches([id]);
  if (resource !== undefined && isListed(resource)) return resource;
  const details = { resource_id: c.req.param('id') ?? '' };
  return failure(c, 404, ['RESOURCE_NOT_FOUND', 'Resource not found'], details);
}
