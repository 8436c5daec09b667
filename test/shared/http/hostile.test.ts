import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { placesOf } from '../../../shared/http/places.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import { A, ADMIN_KEY, KEY_A, makeWorld, type World } from './fixture.ts';

const PLACES = ROUTES.flatMap((route) => placesOf(route).map((place) => ({ route, place })));

/** Stands for the id of a pair that is there. */
const PAIR = 'the-pair';

/** Parts of a path or a query as they are on the wire. */
const escaped = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '%00',
    '%FF',
    '%ED%A0%80',
    '%',
    '%2',
    '%2F',
    '%2e%2e%2f',
    '%252F',
    '%0d%0aX-Evil:%201',
    '-1',
    'null',
    '*',
    '%7B%7D',
    'outlook',
    'booking_system',
    A,
    '9'.repeat(400),
    'x'.repeat(20_000),
    '%F0%9F%92%A5',
  ),
  fc.constantFrom(PAIR, 'remove', 'keep', '1', '2026-03-05'),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => encodeURIComponent(text)),
);

const QUERY_NAMES = [
  'limit',
  'cursor',
  'query',
  'startDate',
  'endDate',
  'status',
  'bridge_from',
  'copies',
  'confirm',
];
const FIELDS = [
  'bridge_from',
  'bridge_to',
  'resource_id',
  'calendar_id',
  'source_calendar_id',
  'target_calendar_id',
  'calendar_name',
  'sync_direction',
  'is_active',
  'dry_run',
  'start_date',
  '__proto__',
  'constructor',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('\ud800', '\u0000', 'x'.repeat(50_000), '2026-02-31', '275760-09-13', 'outlook'),
);

const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(text, fc.jsonValue({ maxDepth: 3 }))),
  fc.jsonValue(),
);

const bytes = fc.oneof(
  body.map((value) => Buffer.from(JSON.stringify(value))),
  fc.uint8Array({ maxLength: 200 }),
  fc
    .constantFrom(
      '['.repeat(200_000),
      '{"a":'.repeat(50_000),
      '{"__proto__": {"admin": true}}',
      '1e999',
      '{"resource_id": 1e400}',
      '"\\ud800"',
      '\ufeff{}',
      `{"a": "${'x'.repeat(600_000)}"}`,
    )
    .map((given) => Buffer.from(given)),
);

const headers = fc.record(
  {
    'x-tenant-id': fc.constantFrom(A, '__proto__', '', 'x'.repeat(5000), 'MUNICIPAL_A'),
    'x-request-id': fc.constantFrom('r1', '__proto__', 'x'.repeat(5000), '<script>'),
    'content-length': fc.constantFrom('0', '-1', 'NaN', '1e9', '12'),
  },
  { requiredKeys: [] },
);

let world: World;
let pairId: string;
beforeAll(async () => {
  world = await makeWorld();
  pairId = await world.addPair('1', `${A}-room1`);
});

/** Each answer is checked against the route table by `call` itself. */
describe('whatever is sent', () => {
  it('is answered, and never by a fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PLACES),
        fc.array(escaped, { minLength: 6, maxLength: 6 }),
        fc.dictionary(fc.constantFrom(...QUERY_NAMES, '__proto__'), escaped),
        fc.option(bytes, { nil: undefined }),
        headers,
        fc.constantFrom(KEY_A, ADMIN_KEY, 'wrong', '__proto__'),
        async ({ route, place }, parts, query, content, sent, key) => {
          const left = [...parts];
          const path = place.path.replaceAll(/\{\w+\}/g, () => {
            const part = left.pop() ?? '';
            return part === PAIR ? pairId : part;
          });
          const asked = Object.entries(query).map(([name, value]) => `${name}=${value}`);
          const { status } = await world.call(route.method, `/${path}?${asked.join('&')}`, {
            key,
            headers: sent,
            ...(content === undefined ? {} : { bytes: content }),
          });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 600 },
    );
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  }, 60_000);
});
