import { describe, expect, it } from 'vitest';
import { placesOf, type Place } from '../../../shared/http/places.ts';
import type { Route } from '../../../shared/http/route.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import type { CallOptions, Reply } from '../../functions/recorder.ts';
import { A, ADMIN_KEY, B, KEY_A, KEY_B, makeWorld, type World } from './fixture.ts';
import { CASES, type Sent } from './route-cases.ts';

const PLACES = ROUTES.flatMap((route) =>
  placesOf(route).map((place) => ({ route, place, name: `${route.method} /${place.path}` })),
);

/** Sends it to the place; the tenant in the path, where there is one, is tenant a. */
async function ask(
  world: World,
  { route, place }: { route: Route; place: Place },
  { params = {}, query = '', body }: Sent,
  options: CallOptions & { readonly tenant?: string } = {},
): Promise<Reply> {
  const values: Readonly<Record<string, string>> = { tenant: options.tenant ?? A, ...params };
  const path = place.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
  const content = body === undefined ? {} : { body };
  return world.call(route.method, `/${path}${query}`, { ...content, ...options });
}

function casesOf({ name }: Route): (typeof CASES)[string] {
  const cases = CASES[name];
  if (cases === undefined) throw new Error(`the route ${name} has no cases`);
  return cases;
}

describe('the cases of the routes', () => {
  it('are there for each of them, and for nothing else', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(ROUTES.map(({ name }) => name).sort());
  });

  it('have something bad wherever something can be sent', () => {
    for (const route of ROUTES) {
      const takesNothing = [route.params, route.query, route.body].every(
        (schema) => schema === undefined,
      );
      expect([route.name, casesOf(route).bad.length === 0]).toEqual([route.name, takesNothing]);
    }
  });
});

describe.each(PLACES)('$name', (at) => {
  const { route, place } = at;
  const { prepare, success, others } = casesOf(route);

  it('succeeds for the tenant’s own key', async () => {
    const world = await makeWorld();
    const { status, headers } = await ask(world, at, await prepare(world, KEY_A), { key: KEY_A });
    expect(status).toBe(success);
    expect(headers.has('deprecation')).toBe(place.deprecated);
  });

  it('shows nothing of another tenant', async () => {
    const world = await makeWorld();
    const sent = await prepare(world, KEY_B);
    const { status, body } = await ask(world, at, sent, { key: KEY_A });
    expect(status).toBe(others);
    const told = JSON.stringify({ ...body, mapping: undefined });
    expect(told).not.toContain('@stage.example');
  });
});

describe.each(PLACES.filter(({ route }) => casesOf(route).bad.length > 0))('$name', (at) => {
  const { prepare, bad } = casesOf(at.route);

  it('refuses what is bad', async () => {
    for (const { status: expected, ...changes } of bad) {
      const world = await makeWorld();
      const sent = { ...(await prepare(world, KEY_A)), ...changes };
      // A path that stands for a parameter cannot be given another.
      const isFixed = Object.keys(changes.params ?? {}).some((name) => name in at.place.params);
      if (isFixed) continue;
      const { status, body } = await ask(world, at, sent, { key: KEY_A });
      expect({ status, ...changes }).toEqual({ status: expected, ...changes });
      expect(body).toMatchObject({ success: false, status: expected, error: body['detail'] });
    }
  });
});

describe.each(PLACES.filter(({ route }) => route.access === 'key'))('$name', (at) => {
  const { route, place } = at;
  const { prepare, success } = casesOf(route);

  it('is closed without a good key', async () => {
    const world = await makeWorld();
    const sent = await prepare(world, KEY_A);
    for (const headers of [{}, { 'x-api-key': 'a-wrong-key-of-length' }, { 'x-api-key': '' }]) {
      const { status, headers: answered, body } = await ask(world, at, sent, { headers });
      expect(status).toBe(401);
      expect(answered.get('www-authenticate')).toContain('ApiKey');
      expect(body).toMatchObject({ success: false, status: 401 });
    }
  });

  it('does not tell a tenant’s key who else is there', async () => {
    const world = await makeWorld();
    const sent = await prepare(world, KEY_A);
    const claimed = async (tenant: string): Promise<Reply> =>
      ask(world, at, sent, { key: KEY_A, tenant, headers: { 'x-tenant-id': tenant } });
    const [other, nobody] = [await claimed(B), await claimed('nobody')];
    expect(other.status).toBe(404);
    expect({ ...other.body, instance: '' }).toEqual({ ...nobody.body, instance: '' });
  });

  it('is deprecated for an admin who names no tenant', async () => {
    const world = await makeWorld();
    const { status, headers } = await ask(world, at, await prepare(world, KEY_A), {
      key: ADMIN_KEY,
    });
    expect(status).toBe(success);
    const isDeprecated = place.deprecated || !place.tenantInPath;
    expect(headers.has('deprecation')).toBe(isDeprecated);
    const successor = `</tenants/${A}/${route.path.split('{')[0] ?? ''}`;
    expect(headers.get('link')?.includes(successor) === true).toBe(isDeprecated);
  });
});
