import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, logged, startToyHost, type ToyHost } from './fixtures/toy-host.ts';

let host: ToyHost;
beforeAll(async () => {
  host = await startToyHost();
});
afterAll(async () => {
  await host.close();
});

interface Echo {
  method: string;
  url: string;
  params: Record<string, string>;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
}

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${host.url}${path}`, init);
const echo = async (path: string, init: RequestInit = {}): Promise<Echo> =>
  (await (await get(path, init)).json()) as Echo;

/** Sends the bytes as they are and answers all that came back. */
async function raw(text: string): Promise<string> {
  const { port } = new URL(host.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk);
  return answer;
}

describe('a request to a function', () => {
  it('arrives with parameters, joined query keys, lower-case headers and its bytes', async () => {
    const body = new Uint8Array([0, 255, 10]);
    const path = '/echo/12/a/b%20c?q=1&q=2&empty=';
    const received = await echo(path, { method: 'POST', body, headers: { 'X-Some': 'Thing' } });
    expect(received).toMatchObject({
      method: 'POST',
      url: `${host.url}${path}`,
      params: { id: '12', rest: 'a/b c' },
      query: { q: '1,2', empty: '' },
      headers: { 'x-some': 'Thing' },
      body: Buffer.from(body).toString('base64'),
    });
  });

  it('arrives without the body of a chunked request, as with the real host', async () => {
    const body = new Blob(['hello']).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await echo('/echo/1/x', init)).body).toBe('');
  });

  it('goes to fixed text before a parameter', async () => {
    expect(await (await get('/answer/fixed')).text()).toBe('fixed');
    expect(await (await get('/answer/plain')).text()).toBe('plain');
  });

  it('is answered with status, headers, cookies and bytes of the function', async () => {
    const response = await get('/answer/cookie');
    expect(response.status).toBe(201);
    expect(response.headers.get('x-toy')).toBe('yes');
    expect(response.headers.get('set-cookie')).toBe('a=b%20c; HttpOnly; SameSite=Lax');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
  });

  it('is answered 204 where the function answers nothing', async () => {
    expect((await get('/answer/nothing')).status).toBe(204);
  });

  it('is answered 500 without the reason where the function throws; the log has it', async () => {
    const response = await get('/answer/throw');
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    expect(logged.join('\n')).toContain('the toy threw');
  });

  it('is answered 404 for no route, and 405 for a route with other methods', async () => {
    expect((await get('/nowhere')).status).toBe(404);
    expect((await get('/echo/x/y')).status).toBe(404);
    const response = await get('/health', { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
  });

  it('needs the key of the host where the function is not anonymous', async () => {
    expect((await get('/locked')).status).toBe(401);
    const opened = await get('/locked', { headers: { 'x-functions-key': ADMIN_KEY } });
    expect(await opened.text()).toBe('opened');
  });

  it('is refused with 413 above 10 MiB, and served again afterwards', async () => {
    const body = new Uint8Array(10 * 1024 * 1024 + 1);
    expect((await get('/echo/1/x', { method: 'POST', body })).status).toBe(413);
    expect((await get('/health')).status).toBe(200);
  });

  it('is refused with 400 where its address is none', async () => {
    const answer = await raw('GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
  });

  it('is not led to another host by a path with two slashes', async () => {
    const answer = await raw('GET //health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 404 /u);
  });
});

describe('the route prefix', () => {
  it('stands before every route', async () => {
    const prefixed = await startToyHost({ routePrefix: 'api' });
    try {
      expect((await fetch(`${prefixed.url}/api/health`)).status).toBe(200);
      expect((await fetch(`${prefixed.url}/health`)).status).toBe(404);
    } finally {
      await prefixed.close();
    }
  });
});

describe('a disabled function', () => {
  it('is not served', async () => {
    const other = await startToyHost({ settings: { 'AzureWebJobs.health.Disabled': 'true' } });
    try {
      expect((await fetch(`${other.url}/health`)).status).toBe(404);
    } finally {
      await other.close();
    }
  });
});
