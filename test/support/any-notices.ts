import * as fc from 'fast-check';

/** A request that anybody may send to the open endpoint for notices. */
export interface AnyNotices {
  /** Of the bridges that announce each in their own way, or of none. */
  readonly bridge: string;
  readonly method: 'POST' | 'GET';
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Characters that stand in header values. */
const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map((text) => text.trim());

/** Near to what Graph sends, with any member missing, of another type, or forged. */
const item = fc.record(
  {
    subscriptionId: fc.oneof(fc.uuid(), fc.jsonValue()),
    clientState: fc.oneof(
      fc.stringMatching(/^[\w-]{43}\.[\w-]{43}$/),
      fc.string({ maxLength: 200 }),
      fc.jsonValue(),
    ),
    changeType: fc.constantFrom('created', 'updated', 'deleted', 'missed'),
    lifecycleEvent: fc.oneof(fc.constant('subscriptionRemoved'), fc.jsonValue()),
    tenantId: fc.oneof(fc.uuid(), fc.jsonValue()),
    resource: fc.string({ maxLength: 80 }),
    resourceData: fc.jsonValue(),
    subscription_id: fc.oneof(fc.uuid(), fc.integer(), fc.jsonValue()),
    resource_id: fc.oneof(fc.constant(null), fc.integer(), fc.jsonValue()),
    change_type: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const likeNotices = fc
  .array(fc.oneof({ weight: 4, arbitrary: item }, { weight: 1, arbitrary: fc.jsonValue() }), {
    maxLength: 20,
  })
  .map((value) => JSON.stringify({ value }));
const cutOff = fc
  .tuple(likeNotices, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([text, share]) => text.slice(0, Math.floor(text.length * share)));

/** Bodies of every kind, queries and headers with and without meaning here; none has a right state. */
export const anyNotices: fc.Arbitrary<AnyNotices> = fc.record({
  bridge: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('outlook', 'booking_system', 'generic_booking') },
    { weight: 1, arbitrary: fc.stringMatching(/^[\w-]{1,20}$/) },
  ),
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET'),
  query: fc.oneof(
    fc.constant(''),
    fc.webQueryParameters(),
    fc.string({ maxLength: 80 }).map((token) => `validationToken=${encodeWhole(token)}`),
    fc
      .oneof(fc.stringMatching(/^[\w-]{43}\.[\w-]{43}$/), fc.string({ maxLength: 200 }))
      .map((state) => `client_state=${encodeWhole(state)}`),
  ),
  headers: fc.dictionary(
    fc.constantFrom(
      'content-type',
      'accept',
      'x-api-key',
      'x-tenant-id',
      'x-request-id',
      'x-booking-signature',
      'authorization',
    ),
    headerText,
  ),
  body: fc.oneof(
    likeNotices,
    cutOff,
    fc.json(),
    fc.string({ maxLength: 300 }),
    fc.constant(JSON.stringify({ value: [] })),
    fc.constant('['.repeat(2_000)),
  ),
});

function encodeWhole(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
