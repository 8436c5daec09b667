import { describe, expect, it } from 'vitest';
import { at, errorOf, eventInput, eventPath, items, makeGraph, ROOM } from './support.ts';

describe('a write that is not valid', () => {
  const cases: [string, Record<string, unknown> | string, string][] = [
    ['a body cut short', '{"subject":', 'BadRequest'],
    ['an unknown member', eventInput({ title: 'x' }), 'RequestBodyRead'],
    ['a read-only member', eventInput({ iCalUId: 'x' }), 'ErrorInvalidPropertySet'],
    [
      'an end before its start',
      eventInput({ end: at('2026-12-03T09:59:59') }),
      'ErrorCalendarEndDateIsEarlierThanStartDate',
    ],
    [
      'an unknown zone',
      eventInput({ start: at('2026-12-03T10:00:00', 'Mars Standard Time') }),
      'TimeZoneNotSupportedException',
    ],
    [
      'an offset as zone',
      eventInput({ start: at('2026-12-03T10:00:00', '+01:00') }),
      'TimeZoneNotSupportedException',
    ],
    [
      'no start',
      { subject: 'x', end: at('2026-12-03T10:00:00') },
      'ErrorPropertyValidationFailure',
    ],
    [
      'a date that is none',
      eventInput({ start: at('2026-02-30T10:00:00') }),
      'ErrorPropertyValidationFailure',
    ],
    ['a wrong enum value', eventInput({ showAs: 'maybe' }), 'ErrorPropertyValidationFailure'],
    [
      'an extended property without GUID',
      eventInput({ singleValueExtendedProperties: [{ id: 'String Name X', value: 'y' }] }),
      'ErrorInvalidProperty',
    ],
    [
      'an all-day event off midnight',
      eventInput({
        isAllDay: true,
        start: at('2026-12-03T00:00:00'),
        end: at('2026-12-04T01:00:00'),
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'an all-day event in two zones',
      eventInput({
        isAllDay: true,
        start: at('2026-12-03T00:00:00', 'UTC'),
        end: at('2026-12-04T00:00:00', 'Europe/Oslo'),
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'an all-day event of no day',
      eventInput({
        isAllDay: true,
        start: at('2026-12-03T00:00:00'),
        end: at('2026-12-03T00:00:00'),
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'a monthly series without its day',
      eventInput({
        recurrence: {
          pattern: { type: 'absoluteMonthly', interval: 1 },
          range: { type: 'noEnd', startDate: '2026-12-03' },
        },
      }),
      'ErrorInvalidRecurrence',
    ],
    [
      'an hourly series',
      eventInput({
        recurrence: {
          pattern: { type: 'hourly', interval: 1 },
          range: { type: 'noEnd', startDate: '2026-12-03' },
        },
      }),
      'ErrorPropertyValidationFailure',
    ],
  ];
  it.each(cases)('is refused with 400: %s', async (_name, body, code) => {
    const graph = await makeGraph();
    const answer = await graph.call('POST', `/users/${ROOM}/events`, { body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)['code']).toBe(code);
    expect(items(await graph.call('GET', `/users/${ROOM}/events`))).toEqual([]);
  });

  it('leaves the event as it was when it is a PATCH', async () => {
    const graph = await makeGraph();
    const created = await graph.create();
    const refused = await graph.call('PATCH', eventPath(created.id), {
      body: { subject: 'x', start: at('2026-12-03T12:00:00') },
    });
    expect(refused.status).toBe(400);
    expect((await graph.call('GET', eventPath(created.id))).body).toEqual(
      expect.objectContaining(created),
    );
  });
});
