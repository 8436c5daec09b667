import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import * as z from 'zod';
import { systemClock } from '../../shared/util/clock.ts';
import { mintToken, signingKey } from '../authority/tokens.ts';
import { writeFileAtomically } from '../host/files.ts';
import { bookingSeed } from './demo-bookings.ts';
import {
  DEMO_TENANTS,
  graphEvents,
  graphSeed,
  type DemoRoom,
  type DemoTenant,
} from './demo-content.ts';
import type { TenantEndpoint } from './endpoints.ts';

/** What the demo is told of the running parts. Addresses are origins without a trailing slash. */
export interface DemoContext {
  /** The demo's own folder, emptied by `--fresh`. */
  dir: string;
  adminKey: string;
  storage: string;
  api: string;
  graph: string;
  booking: string;
  authority: string;
  /** PEM file with the authority's CA. */
  caFile: string;
  /** File with the key that the simulated sign-in signs its tokens with. */
  signingKeyFile: string;
  say: (message: string) => void;
}

export interface DemoEnvironment {
  /** Settings for the host; they weigh more than the user's own. */
  environment: Record<string, string>;
  tenants: TenantEndpoint[];
}

/** Long enough for any one run; Graph's own tokens live an hour. */
const TOKEN_LIFETIME_SECONDS = 30 * 86_400;

const SecretsSchema = z.object({
  tenantId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  apiKey: z.string(),
  login: z.string(),
  password: z.string(),
  /** Of the booking system, by its generic contract. */
  bookingKey: z.string(),
});
type Secrets = z.infer<typeof SecretsSchema>;

/** Before the host starts: fills the simulators, and answers the settings of the tenants. */
export async function prepareDemo(context: DemoContext): Promise<DemoEnvironment> {
  const ca = readFileSync(context.caFile, 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  const environment: Record<string, string> = { TENANT_MODE: 'multi', LOCALE: 'en' };
  const tenants: TenantEndpoint[] = [];
  for (const tenant of DEMO_TENANTS) {
    const secrets = secretsOf(context, tenant);
    const key = signingKey(context.signingKeyFile);
    const { tenantId, clientId, apiKey } = secrets;
    const lifetimeSeconds = TOKEN_LIFETIME_SECONDS;
    const token = await mintToken({ key, tenantId, clientId, lifetimeSeconds });
    await fill(context, tenant, secrets, token);
    Object.assign(environment, settingsOf(context, tenant, secrets));
    tenants.push({
      id: tenant.id,
      apiKey,
      graph: { url: `${context.graph}/v1.0`, token },
      booking: bookingOf(context, tenant, secrets),
      rooms: [],
    });
  }
  return { environment, tenants };
}

function bookingOf(
  { booking: url }: DemoContext,
  { bookingProfile: profile, bookingDomain: domain }: DemoTenant,
  { login, password, bookingKey }: Secrets,
): TenantEndpoint['booking'] {
  return profile === 'portico'
    ? { url, profile, login, password, domain }
    : { url, profile, apiKey: bookingKey };
}

/**
 * After `GET /health` answered 200: makes the mappings over the API and runs the first sync; answers
 * the tenants with their rooms.
 */
export async function finishDemo(
  { api, say }: DemoContext,
  prepared: DemoEnvironment,
): Promise<TenantEndpoint[]> {
  return await Promise.all(
    prepared.tenants.map(async (endpoint) => {
      const tenant = DEMO_TENANTS.find(({ id }) => id === endpoint.id);
      const headers = { 'X-API-Key': endpoint.apiKey };
      const rooms = [];
      for (const room of tenant?.rooms ?? []) {
        rooms.push({
          resource_id: String(room.resourceId),
          mailbox: room.mailbox,
          mapping_id: await mapRoom(api, headers, room),
        });
      }
      say(`first sync of ${endpoint.id} …`);
      await call(`${api}/bridges/sync/booking_system/outlook`, headers, {});
      await call(`${api}/bridges/sync/outlook/booking_system`, headers, {});
      return { ...endpoint, rooms };
    }),
  );
}

/** Made once a data folder, so that a restart finds what it left; one that an older run lacks is added. */
function secretsOf({ dir }: DemoContext, tenant: DemoTenant): Secrets {
  const file = join(dir, `${tenant.id}.json`);
  const known = existsSync(file)
    ? SecretsSchema.partial().parse(JSON.parse(readFileSync(file, 'utf8')))
    : {};
  const secret = (): string => randomBytes(24).toString('base64url');
  const secrets = SecretsSchema.parse({
    tenantId: randomUUID(),
    clientId: randomUUID(),
    clientSecret: secret(),
    apiKey: secret(),
    login: 'calendar-bridge',
    password: secret(),
    bookingKey: secret(),
    ...known,
  });
  mkdirSync(dir, { recursive: true });
  writeFileAtomically(file, JSON.stringify(secrets));
  return secrets;
}

function settingsOf(
  context: DemoContext,
  tenant: DemoTenant,
  secrets: Secrets,
): Record<string, string> {
  const booking = bookingOf(context, tenant, secrets);
  const settings = {
    OUTLOOK_TENANT_ID: secrets.tenantId,
    OUTLOOK_CLIENT_ID: secrets.clientId,
    OUTLOOK_CLIENT_SECRET: secrets.clientSecret,
    OUTLOOK_GRAPH_URL: context.graph,
    OUTLOOK_AUTHORITY_HOST: context.authority,
    BOOKING_PROFILE: booking.profile,
    BOOKING_API_URL: booking.url,
    ...(booking.profile === 'portico'
      ? {
          BOOKING_LOGIN: booking.login,
          BOOKING_PASSWORD: booking.password,
          BOOKING_DOMAIN: booking.domain,
        }
      : { BOOKING_API_KEY: booking.apiKey }),
    API_KEY: secrets.apiKey,
  };
  const prefix = tenant.id.toUpperCase();
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`${prefix}_${name}`, value]),
  );
}

/** Fills the simulators. People's events are made once a data folder: a restart adds none. */
async function fill(
  context: DemoContext,
  tenant: DemoTenant,
  secrets: Secrets,
  token: string,
): Promise<void> {
  const now = systemClock.now();
  const seed = graphSeed(tenant, secrets);
  await call(`${context.graph}/__sim/seed`, {}, seed);
  await call(`${context.authority}/__sim/seed`, {}, seed);
  await call(`${context.booking}/__sim/seed`, {}, bookingSeed(tenant, secrets, now));
  const done = join(context.dir, `${tenant.id}.seeded`);
  if (existsSync(done)) return;
  for (const { mailbox, body } of graphEvents(tenant, now))
    await call(
      `${context.graph}/v1.0/users/${encodeURIComponent(mailbox)}/events`,
      { Authorization: `Bearer ${token}` },
      body,
    );
  writeFileAtomically(done, '');
}

const MappingSchema = z.object({ mapping_id: z.string() });
const MappingsSchema = z.object({ mappings: z.array(z.looseObject({ id: z.string() })) });

/** A room that an earlier run of this data folder mapped keeps its mapping. */
async function mapRoom(
  api: string,
  headers: Record<string, string>,
  room: DemoRoom,
): Promise<string> {
  const list = await fetch(
    `${api}/mappings/resources?bridge_from=booking_system&resource_id=${room.resourceId}`,
    { headers },
  );
  const [known] = MappingsSchema.parse(await list.json()).mappings;
  if (known !== undefined) return known.id;
  const made = await call(`${api}/mappings/resources`, headers, {
    bridge_from: 'booking_system',
    bridge_to: 'outlook',
    resource_id: String(room.resourceId),
    calendar_id: room.mailbox,
    calendar_name: room.name,
    sync_direction: 'bidirectional',
  });
  return MappingSchema.parse(made).mapping_id;
}

async function call(url: string, headers: Record<string, string>, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the demo: POST ${url} answered ${answer.status}: ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
