// Compares every room of the run that `npm start` keeps, by the two systems' own published calls:
// --data-dir (.local), --from and --to (YYYY-MM-DD), --descriptions. Exit code 0 equal, 1 not, 5 no run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { Endpoints, TenantEndpoint } from '../start/endpoints.ts';
import { compareRooms } from './comparator.ts';
import { osloMinutes, type Days } from './booking-reader.ts';
import { verifyReport, type VerifiedRoom } from './report.ts';

const DAY_MS = 86_400_000;
/** As far as the bridge looks ahead. */
const DAYS_AHEAD = 180;

/** What is read of `GET /mappings/resources/{id}/status`. */
const StatusSchema = z.object({
  attention: z.array(z.object({ reason: z.string().nullable(), status: z.string() })),
});

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '.local' },
    from: { type: 'string' },
    to: { type: 'string' },
    descriptions: { type: 'boolean', default: false },
  },
});

const file = join(values['data-dir'], 'endpoints.json');
if (!existsSync(file)) {
  process.stderr.write(`Nothing runs here: there is no ${file}. Start it with: npm start\n`);
  process.exit(5);
}
const { api, tenants } = JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
const now = await clockOf(api);
const days: Days = {
  from: values.from ?? osloMinutes(now).slice(0, 10),
  to: values.to ?? osloMinutes(now + DAYS_AHEAD * DAY_MS).slice(0, 10),
};
const rooms: VerifiedRoom[] = [];
for (const tenant of tenants) rooms.push(...(await verifyTenant(tenant)));
const report = verifyReport(rooms, osloMinutes(now));
process.stdout.write(report.text);
process.exitCode = report.isEqual ? 0 : 1;

/** Of the run, which may have been moved ahead. Epoch milliseconds. */
async function clockOf(origin: string): Promise<number> {
  const answer = await fetch(`${origin}/health`);
  return Date.parse(z.object({ timestamp: z.string() }).parse(await answer.json()).timestamp);
}

async function verifyTenant(tenant: TenantEndpoint): Promise<readonly VerifiedRoom[]> {
  const compared = await compareRooms(
    {
      fetch: (request) => fetch(request),
      graphUrl: tenant.graph.url,
      graphToken: tenant.graph.token,
      bookingUrl: tenant.booking.url,
      booking: tenant.booking,
    },
    tenant.rooms.map(({ resource_id: resourceId, mailbox }) => ({ resourceId, mailbox })),
    days,
    { descriptions: values.descriptions },
  );
  return await Promise.all(
    compared.map(async (comparison, index) => ({
      tenant: tenant.id,
      comparison,
      heldBack: await heldBackOf(tenant, tenant.rooms[index]?.mapping_id ?? ''),
    })),
  );
}

async function heldBackOf(
  tenant: TenantEndpoint,
  mappingId: string,
): Promise<Record<string, number>> {
  const headers = { 'X-API-Key': tenant.apiKey };
  const answer = await fetch(`${api}/mappings/resources/${mappingId}/status`, { headers });
  if (!answer.ok) return { [`unknown (the API answered ${answer.status})`]: 1 };
  const counts: Record<string, number> = {};
  for (const { reason, status } of StatusSchema.parse(await answer.json()).attention)
    counts[reason ?? status] = (counts[reason ?? status] ?? 0) + 1;
  return counts;
}
