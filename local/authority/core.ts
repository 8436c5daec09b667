import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { SeedSchema, type SeedInput } from '../graph-simulator/directory.ts';
import type { SimulatorClock } from '../simulator-kit/clock.ts';
import { controlRoutes } from '../simulator-kit/control-routes.ts';
import { FaultTable, underFault } from '../simulator-kit/faults.ts';
import type { DurableMap, Journal } from '../simulator-kit/journal.ts';
import { RequestLog } from '../simulator-kit/request-log.ts';
import type { SimulatorCore } from '../simulator-kit/server.ts';
import { mintToken, TOKEN_LIFETIME_SECONDS } from './tokens.ts';

export interface Authority {
  fetch: SimulatorCore;
  /** @throws ZodError for a seed of another shape. */
  seed(seed: SeedInput): void;
  log: RequestLog;
  faults: FaultTable;
}

/** The apps of a tenant, which is addressed by id or domain. */
interface Registration {
  tenantId: string;
  domain: string;
  /** Secret by client id. */
  secrets: Record<string, string>;
}

/**
 * The part of Entra ID that an app signs in with by client credentials
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow).
 */
export function createAuthority(options: {
  clock: SimulatorClock;
  journal: Journal;
  key: Uint8Array;
}): Authority {
  const { clock, journal, key } = options;
  const log = new RequestLog();
  const faults = new FaultTable();
  const tenants = new TenantRegistry(journal);
  const controls = new Hono().basePath('/__sim');
  controls.route('/', controlRoutes({ log, faults, clock, reset: () => undefined }));
  controls.post('/seed', async (c) => {
    const seed = SeedSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!seed.success) return c.json({ error: z.prettifyError(seed.error) }, 400);
    tenants.seed(seed.data);
    return c.json({ ok: true }, 201);
  });
  const routes = signInRoutes(tenants, clock, key);
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const subject = { method: request.method, path: pathname + search };
    let status = 0;
    try {
      const response = await underFault(faults.take(subject), { clock }, async () => {
        const done = await routes.fetch(request);
        ({ status } = done);
        return done;
      });
      ({ status } = response);
      return response;
    } finally {
      log.add({ time: new Date(clock.now()).toISOString(), ...subject, status });
    }
  };
  return {
    log,
    faults,
    seed: (seed) => tenants.seed(SeedSchema.parse(seed)),
    fetch: async (request) =>
      new URL(request.url).pathname.startsWith('/__sim')
        ? await controls.fetch(request)
        : await answer(request),
  };
}

class TenantRegistry {
  readonly #tenants: DurableMap<Registration>;

  constructor(journal: Journal) {
    this.#tenants = journal.collection('tenants');
  }

  seed({ tenants }: z.output<typeof SeedSchema>): void {
    for (const { tenantId, domain, apps } of tenants) {
      const secrets = Object.fromEntries(
        apps.map(({ clientId, clientSecret }) => [clientId, clientSecret]),
      );
      this.#tenants.set(tenantId, { tenantId, domain, secrets });
    }
  }

  find(name: string): Registration | undefined {
    const wanted = name.toLowerCase();
    return [...this.#tenants.values()].find(
      ({ tenantId, domain }) =>
        tenantId.toLowerCase() === wanted || domain.toLowerCase() === wanted,
    );
  }
}

const TokenRequestSchema = z.object({
  grant_type: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  scope: z.string().optional(),
});

function signInRoutes(tenants: TenantRegistry, clock: SimulatorClock, key: Uint8Array): Hono {
  const app = new Hono();
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) => {
    const tenant = tenants.find(c.req.param('tenant'));
    if (tenant === undefined) return refuse(c, clock, unknownTenant(c.req.param('tenant')));
    const base = `${new URL(c.req.url).origin}/${tenant.tenantId}`;
    return c.json({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_types_supported: ['code', 'token'],
      subject_types_supported: ['pairwise'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });
  app.post('/:tenant/oauth2/v2.0/token', async (c) => {
    const tenant = tenants.find(c.req.param('tenant'));
    if (tenant === undefined) return refuse(c, clock, unknownTenant(c.req.param('tenant')));
    const form = TokenRequestSchema.safeParse(await c.req.parseBody());
    const request = form.success ? { ...form.data, ...basicCredentials(c) } : {};
    const problem = problemOf(tenant, request);
    if (problem !== undefined) return refuse(c, clock, problem);
    const audience = (request.scope ?? '').replace(/\/\.default$/, '');
    return c.json({
      token_type: 'Bearer',
      expires_in: TOKEN_LIFETIME_SECONDS,
      ext_expires_in: TOKEN_LIFETIME_SECONDS,
      access_token: await mintToken({
        key,
        audience,
        tenantId: tenant.tenantId,
        clientId: request.client_id ?? '',
      }),
    });
  });
  app.notFound((c) => c.json({ error: 'not_found', error_description: 'No such endpoint.' }, 404));
  return app;
}

/** RFC 6749 section 2.3.1: the credentials may also come in the Authorization header. */
function basicCredentials(c: Context): { client_id?: string; client_secret?: string } {
  const encoded = /^basic\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (encoded === undefined) return {};
  const text = Buffer.from(encoded, 'base64').toString();
  const [id = '', ...secret] = text.split(':');
  return {
    client_id: decodeURIComponent(id),
    client_secret: decodeURIComponent(secret.join(':')),
  };
}

interface Problem {
  status: 400 | 401;
  error: string;
  code: number;
  description: string;
}

function unknownTenant(name: string): Problem {
  const description = `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  return { status: 400, error: 'invalid_request', code: 90002, description };
}

function problemOf(
  tenant: Registration,
  request: z.output<typeof TokenRequestSchema>,
): Problem | undefined {
  if (request.grant_type !== 'client_credentials')
    return {
      status: 400,
      error: 'unsupported_grant_type',
      code: 70003,
      description: `The app requested an unsupported grant type '${request.grant_type ?? ''}'.`,
    };
  if (request.scope?.endsWith('/.default') !== true)
    return {
      status: 400,
      error: 'invalid_scope',
      code: 1002012,
      description: `The provided value for scope ${request.scope ?? ''} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    };
  const clientId = request.client_id ?? '';
  const secret = tenant.secrets[clientId];
  if (secret === undefined)
    return {
      status: 400,
      error: 'unauthorized_client',
      code: 700016,
      description: `Application with identifier '${clientId}' was not found in the directory '${tenant.domain}'.`,
    };
  if (secret !== request.client_secret)
    return {
      status: 401,
      error: 'invalid_client',
      code: 7000215,
      description: `Invalid client secret provided for app '${clientId}'. Ensure the secret being sent in the request is the client secret value, not the client secret ID.`,
    };
  return undefined;
}

function refuse(c: Context, clock: SimulatorClock, problem: Problem): Response {
  const { status, error, code, description } = problem;
  const timestamp = new Date(clock.now())
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, 'Z');
  const body = {
    error,
    error_description: `AADSTS${code}: ${description} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
  };
  return c.json(body, status);
}
