import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { ClientSecretCredential } from '@azure/identity';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadCertificates } from '../../../local/authority/certificates.ts';
import { createAuthority, type Authority } from '../../../local/authority/core.ts';
import { signingKey, verifyGraphToken } from '../../../local/authority/tokens.ts';
import { manualClock } from '../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../local/simulator-kit/journal.ts';
import { serveCore } from '../../../local/simulator-kit/server.ts';
import { CLIENT, SECRET, SEED, temporaryDir, TENANT } from './support.ts';

const SCOPE = 'https://graph.microsoft.com/.default';

function makeAuthority(key: Uint8Array = new Uint8Array(32)): Authority {
  const clock = manualClock(Date.parse('2026-12-01T08:00:00Z'));
  const authority = createAuthority({ clock, journal: new Journal(), key });
  authority.seed(SEED);
  return authority;
}

async function requestToken(
  authority: Authority,
  form: Record<string, string>,
  tenant: string = TENANT,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await authority.fetch(
    new Request(`https://login.test/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: CLIENT,
        client_secret: SECRET,
        scope: SCOPE,
        ...form,
      }),
    }),
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('sign-in by client credentials', () => {
  it('runs for real with ClientSecretCredential over TLS, and caches', async () => {
    const dir = temporaryDir();
    const key = signingKey(join(dir, 'key'));
    const authority = makeAuthority(key);
    const { key: tlsKey, cert, caPem } = await loadCertificates(dir, '127.0.0.1');
    const server = await serveCore(authority.fetch, {
      host: '127.0.0.1',
      port: 0,
      tls: { key: tlsKey, cert },
    });
    onTestFinished(() => server.close());
    const defaults = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...defaults, caPem]);
    onTestFinished(() => tls.setDefaultCACertificates(defaults));
    const options = { authorityHost: server.url, disableInstanceDiscovery: true };

    const credential = new ClientSecretCredential(TENANT, CLIENT, SECRET, options);
    const { token, expiresOnTimestamp } = (await credential.getToken(SCOPE)) ?? {};
    expect(await verifyGraphToken(token ?? '', key)).toEqual({
      tenantId: TENANT,
      clientId: CLIENT,
    });
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_500_000);
    await credential.getToken(SCOPE);
    expect(authority.log.since(0).counts).toEqual({ total: 2, GET: 1, POST: 1 });

    const wrong = new ClientSecretCredential(TENANT, CLIENT, 'wrong', options);
    await expect(wrong.getToken(SCOPE)).rejects.toThrow(/AADSTS7000215/);
  });

  it('issues tokens of an hour to the tenant by id and by domain', async () => {
    const authority = makeAuthority();
    for (const tenant of [TENANT, 'a.example']) {
      const { status, body } = await requestToken(authority, {}, tenant);
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      const verified = await verifyGraphToken(String(body['access_token']), new Uint8Array(32));
      expect(verified.tenantId).toBe(TENANT);
    }
  });

  it('takes the credentials in the Authorization header too', async () => {
    const authority = makeAuthority();
    const credentials = `${encodeURIComponent(CLIENT)}:${encodeURIComponent(SECRET)}`;
    const response = await authority.fetch(
      new Request(`https://login.test/${TENANT}/oauth2/v2.0/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE }),
      }),
    );
    expect(response.status).toBe(200);
  });

  const refusals: [string, Record<string, string>, string, number, string, number][] = [
    ['a wrong secret', { client_secret: 'x' }, TENANT, 401, 'invalid_client', 7000215],
    ['an unknown app', { client_id: 'x' }, TENANT, 400, 'unauthorized_client', 700016],
    ['an unknown tenant', {}, 'nowhere', 400, 'invalid_request', 90002],
    ['another grant', { grant_type: 'password' }, TENANT, 400, 'unsupported_grant_type', 70003],
    ['a scope of one right', { scope: 'Mail.Read' }, TENANT, 400, 'invalid_scope', 1002012],
  ];
  it.each(refusals)('refuses %s', async (_name, form, tenant, status, error, code) => {
    const answer = await requestToken(makeAuthority(), form, tenant);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      error,
      error_codes: [code],
      error_description: expect.stringContaining(`AADSTS${code}: `),
    });
  });

  it('has faults and a log at /__sim', async () => {
    const authority = makeAuthority();
    const control = async (path: string, body?: unknown) =>
      await authority.fetch(
        new Request(`https://login.test/__sim${path}`, {
          ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
        }),
      );
    await control('/faults', { match: { path: '/token' }, status: 503, body: {} });
    expect((await requestToken(authority, {})).status).toBe(503);
    expect((await requestToken(authority, {})).status).toBe(200);
    const log = (await (await control('/requests')).json()) as { counts: unknown };
    expect(log.counts).toEqual({ total: 2, POST: 2 });
    expect((await control('/seed', { tenants: 'none' })).status).toBe(400);
  });

  it('keeps its apps over a restart', async () => {
    const file = join(temporaryDir(), 'authority.jsonl');
    const clock = manualClock(0);
    const key = new Uint8Array(32);
    createAuthority({ clock, key, journal: new Journal(file) }).seed(SEED);
    const restarted = createAuthority({ clock, key, journal: new Journal(file) });
    expect((await requestToken(restarted, {})).status).toBe(200);
  });
});

describe('the certificates', () => {
  it('are kept, and made anew where they are missing, damaged or for another host', async () => {
    const dir = temporaryDir();
    const first = await loadCertificates(dir, '127.0.0.1');
    expect(readFileSync(first.caFile, 'utf8')).toBe(first.caPem);
    expect(await loadCertificates(dir, '127.0.0.1')).toEqual(first);
    expect(await loadCertificates(dir, 'localhost')).toEqual(first);

    const named = await loadCertificates(dir, 'login.example');
    expect(named.cert).not.toBe(first.cert);
    expect(new X509Certificate(named.cert).checkHost('login.example')).toBe('login.example');

    writeFileSync(join(dir, 'tls.json'), '{"ca":');
    const repaired = await loadCertificates(dir, 'login.example');
    expect(repaired.caPem).not.toBe(named.caPem);
    rmSync(join(dir, 'tls.json'));
    expect((await loadCertificates(dir, 'login.example')).caPem).not.toBe(repaired.caPem);
  });
});

describe('the signing key', () => {
  it('is made once and the same for all who read its file', () => {
    const file = join(temporaryDir(), 'deep', 'key');
    const key = signingKey(file);
    expect(key).toHaveLength(32);
    expect(Buffer.from(signingKey(file))).toEqual(Buffer.from(key));
  });
});
