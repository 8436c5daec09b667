import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadCertificates } from '../../../../local/authority/certificates.ts';
import { createAuthority, type Authority } from '../../../../local/authority/core.ts';
import { verifyGraphToken } from '../../../../local/authority/tokens.ts';
import { createGraphSimulator } from '../../../../local/graph-simulator/core.ts';
import { offsetClock } from '../../../../local/simulator-kit/clock.ts';
import { Journal } from '../../../../local/simulator-kit/journal.ts';
import { serveCore, type RunningServer } from '../../../../local/simulator-kit/server.ts';
import { createOutlookBridge } from '../../../../shared/bridges/outlook/outlook-settings.ts';
import type { BridgeKey } from '../../../../shared/model/ids.ts';
import { systemClock } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import { checkedFetch } from '../../../support/graph-contract/hook.ts';
import { OSLO, ROOM } from './support.ts';

const HTML = { 'content-type': 'text/html' };
const servers: RunningServer[] = [];
const trusted = getCACertificates('default');
let directory = '';
let authority: Authority;
let graphUrl = '';
let authorityHost = '';

/** Microsoft 365 over real sockets: Graph over HTTP, the sign-in over TLS by a CA of our own. */
beforeAll(async () => {
  // The Azure libraries would ask a proxy of the machine for loopback, too.
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  directory = mkdtempSync(join(tmpdir(), 'outlook-sign-in-'));
  const key = randomBytes(32);
  const clock = offsetClock();
  const seed = {
    tenants: [
      {
        tenantId: '0d3c2f64-0000-4000-8000-00000000000a',
        domain: 'municipal-a.example',
        apps: [{ clientId: 'app-a', clientSecret: 'hush-hush' }],
        rooms: [{ mailbox: ROOM, displayName: 'Council room' }],
      },
    ],
  };
  authority = createAuthority({ clock, journal: new Journal(), key });
  const graph = createGraphSimulator({
    clock,
    journal: new Journal(),
    verifyToken: (token) => verifyGraphToken(token, key),
  });
  authority.seed(seed);
  graph.seed(seed);
  const { caPem, ...tls } = await loadCertificates(directory, '127.0.0.1');
  setDefaultCACertificates([...trusted, caPem]);
  const graphServer = await serveCore(checkedFetch(graph.fetch, 'bridge'), {
    host: '127.0.0.1',
    port: 0,
  });
  const signIn = await serveCore(authority.fetch, { host: '127.0.0.1', port: 0, tls });
  servers.push(graphServer, signIn);
  graphUrl = graphServer.url;
  authorityHost = signIn.url;
});

afterAll(async () => {
  for (const server of servers) await server.close();
  setDefaultCACertificates(trusted);
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

function bridgeWith(clientSecret: string, host = authorityHost) {
  const tenantId = '0d3c2f64-0000-4000-8000-00000000000a';
  const values = { tenantId, clientId: 'app-a', clientSecret, graphUrl, authorityHost: host };
  return createOutlookBridge(
    'outlook' as BridgeKey,
    { kind: 'outlook', values },
    { timeZone: OSLO, copiesPrivate: false },
    {
      fetch: (request) => fetch(request),
      clock: systemClock,
      logger: silentLogger,
      sleep: () => Promise.resolve(),
    },
  );
}

describe('signing in to Microsoft 365', () => {
  it('takes one token for many calls at once', async () => {
    const bridge = bridgeWith('hush-hush');
    const before = authority.log.since(0).requests.length;
    const lists = await Promise.all([1, 2, 3, 4].map(() => bridge.listResources()));
    expect(lists.flat().map(({ id }) => id)).toEqual(Array(4).fill(ROOM));
    const asked = authority.log.since(0).requests.slice(before);
    expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('says which setting is wrong, and shows none', async () => {
    const health = await bridgeWith('wrong-secret').checkHealth();
    expect(health.status).toBe('unhealthy');
    expect(health.detail).toMatch(/AADSTS7000215.*client secret is wrong/);
    expect(health.detail).not.toContain('wrong-secret');
    await expect(bridgeWith('wrong-secret').listResources()).rejects.toMatchObject({
      kind: 'auth-rejected',
      code: 'AADSTS7000215',
    });
  });

  it('knows a service that does not answer from one that refuses', async () => {
    const closed = await serveCore(authority.fetch, { host: '127.0.0.1', port: 0 });
    await closed.close();
    const bridge = bridgeWith('hush-hush', closed.url.replace('http:', 'https:'));
    await expect(bridge.listResources()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it.each<[string, object, string]>([
    ['503', { status: 503, body: { error: 'service_unavailable' } }, 'unavailable'],
    [
      '503 and a code',
      { status: 503, body: { error_description: 'AADSTS50196: x' } },
      'unavailable',
    ],
    ['429', { status: 429, body: { error: 'temporarily_unavailable' } }, 'unavailable'],
    ['a page with 502', { status: 502, headers: HTML, body: '<html>Bad</html>' }, 'unavailable'],
    [
      'a page with 200',
      { status: 200, headers: HTML, body: '<html>Wi-Fi</html>' },
      'invalid-response',
    ],
    [
      'a page with 403',
      { status: 403, headers: HTML, body: '<html>Proxy</html>' },
      'invalid-response',
    ],
    ['JSON without a token', { status: 200, body: {} }, 'invalid-response'],
    ['an answer cut off', { cut: true }, 'unavailable'],
    ['nothing, its answer lost', { drop: 'after' }, 'unavailable'],
    ['nothing, the connection cut', { drop: 'before' }, 'unavailable'],
  ])('blames no setting, and asks once, where it answers %s', async (_what, fault, kind) => {
    authority.faults.add({ match: { path: '/token' }, ...fault });
    const before = authority.log.since(0).requests.length;
    const listed = bridgeWith('hush-hush').listResources();
    await expect(listed).rejects.toMatchObject({ name: 'BridgeError', kind });
    await expect(listed).rejects.not.toMatchObject({
      message: expect.stringMatching(/client secret|html/) as unknown,
    });
    const asked = authority.log.since(0).requests.slice(before);
    expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(await bridgeWith('hush-hush').listResources()).toHaveLength(1);
  });
});
