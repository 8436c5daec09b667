import type { Endpoints } from '../../local/start/endpoints.ts';
import type { PorticoAccess } from '../../local/verify/booking-reader.ts';
import type { ComparedRoom, ComparedSystems } from '../../local/verify/comparator.ts';
import { post } from './post.ts';

export type HallSystems = ComparedSystems & { readonly booking: PorticoAccess };

/** Rooms beside the demo's own, of its first tenant. */
export function hallsOf(count: number): readonly ComparedRoom[] {
  return Array.from({ length: count }, (_, index) => ({
    resourceId: String(1000 + index),
    mailbox: `hall-${index}@municipal-a.example`,
  }));
}

/**
 * Makes the rooms in both simulators, through their seeds, and maps each to itself, through our API.
 * @throws Error where one of them does not take it
 */
export async function openHalls(
  endpoints: Endpoints,
  halls: readonly ComparedRoom[],
): Promise<HallSystems> {
  const [tenant] = endpoints.tenants;
  const { simulators } = endpoints;
  if (tenant?.booking.profile !== 'portico' || simulators === undefined)
    throw new Error('the demo has no Portico tenant');
  const [, payload = ''] = tenant.graph.token.split('.');
  const { tid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { tid: string };
  const rooms = halls.map(({ mailbox }) => ({ mailbox, displayName: mailbox }));
  await post(`${simulators.graph}/__sim/seed`, {
    tenants: [{ tenantId: tid, domain: 'municipal-a.example', rooms }],
  });
  const resources = halls.map(({ resourceId }) => ({
    id: Number(resourceId),
    name: `Hall ${resourceId}`,
    building_id: 9,
  }));
  const { domain } = tenant.booking;
  await post(`${simulators.booking}/__sim/seed`, {
    domains: [{ domain, accounts: [], buildings: [{ id: 9, name: 'Halls' }], resources }],
  });
  for (const { resourceId, mailbox } of halls)
    await post(
      `${endpoints.api}/mappings/resources`,
      {
        bridge_from: 'booking_system',
        bridge_to: 'outlook',
        resource_id: resourceId,
        calendar_id: mailbox,
      },
      { 'x-api-key': tenant.apiKey },
    );
  return {
    fetch: (request) => fetch(request),
    graphUrl: tenant.graph.url,
    graphToken: tenant.graph.token,
    bookingUrl: tenant.booking.url,
    booking: tenant.booking,
  };
}
