import { describe, expect, it } from 'vitest';
import type { BookingSeed } from '../../../local/booking-simulator/seed.ts';
import { BEARER, startGeneric } from './generic-harness.ts';
import { answer, jsonInit, newEvent, startTown, townSeed } from './harness.ts';

type Generic = NonNullable<BookingSeed['domains'][number]['generic']>;

const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

const UNAUTHORIZED = {
  success: false,
  error: expect.any(String),
  error_code: 'UNAUTHORIZED',
  details: {},
};

const KINDS: [name: string, auth: Generic['auth'], good: Record<string, string>[]][] = [
  [
    'bearer',
    { type: 'bearer', key: 'k1' },
    [{ authorization: 'Bearer k1' }, { authorization: 'bearer k1' }],
  ],
  ['api_key', { type: 'api_key', key: 'k1' }, [{ 'x-api-key': 'k1' }]],
  [
    'api_key under another name',
    { type: 'api_key', key: 'k1', header: 'X-Town' },
    [{ 'x-town': 'k1' }],
  ],
  ['header', { type: 'header', key: 'k1', header: 'X-Auth' }, [{ 'x-auth': 'k1' }]],
  [
    'header with a prefix',
    { type: 'header', key: 'k1', header: 'Authorization', prefix: 'Token ' },
    [{ authorization: 'Token k1' }],
  ],
  ['basic', { type: 'basic' }, [basic('bridge:secret')]],
];

describe('the key of the generic interface', () => {
  it.each(KINDS)('opens the domain as %s and in no other way', async (_name, auth, good) => {
    const town = await startGeneric({ generic: { auth } });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await town.api('GET', '/api/resources', undefined, headers)).status;
    const all = KINDS.flatMap(([, , headers]) => headers);
    for (const headers of all) {
      const isGood = good.some((one) => JSON.stringify(one) === JSON.stringify(headers));
      expect([headers, await status(headers)]).toEqual([headers, isGood ? 200 : 401]);
    }
    expect(await status({})).toBe(401);
  });

  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer town-kez' }],
    ['the bare key', { authorization: 'town-key' }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('is asked for before anything else: %s', async (_name, headers) => {
    const town = await startGeneric();
    for (const path of ['/api/resources', '/api/resources/99/events', '/api/nowhere']) {
      const refused = await town.api('GET', path, undefined, headers);
      expect(refused.status).toBe(401);
      expect(refused.json).toEqual(UNAUTHORIZED);
    }
  });

  it('takes a changed password at once, and none that is wrong', async () => {
    const town = await startGeneric({ generic: { auth: { type: 'basic' } } });
    const ask = async (text: string): Promise<number> =>
      (await town.api('GET', '/api/resources', undefined, basic(text))).status;
    expect(await ask('bridge:wrong')).toBe(401);
    town.simulator.seed(townSeed({ accounts: [{ login: 'bridge', password: 'new' }] }));
    expect(await ask('bridge:secret')).toBe(401);
    expect(await ask('bridge:new')).toBe(200);
  });

  it('decides the municipality, whose rooms nobody else sees', async () => {
    const town = await startGeneric();
    const generic = { auth: { type: 'bearer' as const, key: 'city-key' } };
    const resources = [{ id: 12, name: 'City hall', building_id: 1 }];
    town.simulator.seed({ domains: [{ domain: 'city', generic, resources }] });
    const names = async (headers: Record<string, string>): Promise<unknown> => {
      const { json } = await town.api('GET', '/api/resources', undefined, headers);
      return (json['resources'] as { name: string }[]).map(({ name }) => name);
    };
    expect(await names(BEARER)).toEqual(['Council room', 'Small room']);
    expect(await names({ authorization: 'Bearer city-key' })).toEqual(['City hall']);
  });

  it('names the domain of a change in the web pages too', async () => {
    const town = await startGeneric();
    town.simulator.seed({ domains: [{ domain: 'city' }] });
    const change = jsonInit({
      method: 'POST',
      path: '/booking/resources/12/events',
      body: newEvent(),
    });
    expect((await town.raw('POST', '/__sim/people', change)).status).toBe(400);
    const keyed = { ...change, headers: { 'content-type': 'application/json', ...BEARER } };
    expect((await town.raw('POST', '/__sim/people', keyed)).status).toBe(201);
  });

  it('opens nothing in a domain that is served by the Portico contract only', async () => {
    const town = await startTown();
    const refused = await answer(
      await town.raw('GET', '/api/resources', { headers: basic('bridge:secret') }),
    );
    expect(refused.status).toBe(401);
    expect(refused.json).toEqual(UNAUTHORIZED);
  });
});

describe('a seed with the generic interface', () => {
  const bearer = (domain: string, key: string) => ({
    domain,
    generic: { auth: { type: 'bearer' as const, key } },
  });

  it('may be given again without it, and keeps what was set', async () => {
    const town = await startGeneric();
    town.simulator.seed(townSeed());
    expect((await town.api('GET', '/api/resources')).status).toBe(200);
  });

  it.each([
    ['an unknown kind', { auth: { type: 'digest', key: 'k' } }, 'generic.auth'],
    ['no key', { auth: { type: 'bearer' } }, 'generic.auth.key'],
    ['a key with a space', { auth: { type: 'bearer', key: 'a b' } }, 'generic.auth.key'],
    [
      'a header that is no name',
      { auth: { type: 'header', key: 'k', header: 'X Auth' } },
      'generic.auth.header',
    ],
    [
      'an unknown wrapper',
      { auth: { type: 'bearer', key: 'k' }, wrapper: 'xml' },
      'generic.wrapper',
    ],
  ])('is refused with %s', async (_name, generic, at) => {
    const town = await startTown();
    const seed = { domains: [{ domain: 'city', generic }] };
    const refused = await answer(await town.raw('POST', '/__sim/seed', jsonInit(seed)));
    expect(refused.status).toBe(400);
    expect(refused.json['error']).toContain(at);
  });

  it.each([
    ['a key that opens another domain', [bearer('city', 'town-key')]],
    ['one key for two domains', [bearer('city', 'same'), bearer('county', 'same')]],
    ['basic without an account', [{ domain: 'city', generic: { auth: { type: 'basic' } } }]],
    [
      'basic with a login that holds a colon',
      [
        {
          domain: 'city',
          generic: { auth: { type: 'basic' } },
          accounts: [{ login: 'a:b', password: 'c' }],
        },
      ],
    ],
  ])('is refused with %s, and nothing of it is taken', async (_name, domains) => {
    const town = await startGeneric();
    const refused = await answer(await town.raw('POST', '/__sim/seed', jsonInit({ domains })));
    expect(refused.status).toBe(400);
    expect(refused.json['error']).toContain(domains.at(-1)?.domain);
    const people = { method: 'POST', path: '/booking/events', domain: 'city', body: {} };
    const unknown = await answer(await town.raw('POST', '/__sim/people', jsonInit(people)));
    expect(unknown.json['error']).toContain('one of those seeded');
  });

  it('may give a domain another key, and frees the old one', async () => {
    const town = await startGeneric();
    town.simulator.seed({ domains: [bearer('town', 'new-key'), bearer('city', 'town-key')] });
    expect((await town.api('GET', '/api/resources')).json['resources']).toEqual([]);
  });
});
