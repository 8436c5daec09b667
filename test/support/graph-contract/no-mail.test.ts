import { describe, expect, it } from 'vitest';
import type { Sent } from './exchange.ts';
import { whyItMails } from './no-mail.ts';

const EVENT = '/users/room%40town.example/events/AAMk1';
const GUESTS = { attendees: [{ emailAddress: { address: 'guest@town.example' } }] };

function sent(method: string, target: string, body?: unknown): Sent {
  return {
    method,
    target,
    headers: new Map(),
    body: body === undefined ? '' : JSON.stringify(body),
  };
}

describe('a request that would mail people', () => {
  it.each<[string, string, unknown]>([
    ['POST', '/users/room%40town.example/events', { subject: 'Budget', ...GUESTS }],
    ['POST', '/users/room%40town.example/calendars/AQ/events', { attendees: [] }],
    ['PATCH', EVENT, GUESTS],
    ['POST', `${EVENT}/cancel`, { comment: '' }],
    ['POST', `${EVENT}/forward`, {}],
    ['POST', `${EVENT}/decline`, {}],
    ['POST', `${EVENT}/accept`, { sendResponse: true }],
    ['POST', '/users/room%40town.example/sendMail', {}],
    ['POST', '/$batch', { requests: [{ id: '1', method: 'PATCH', url: EVENT, body: GUESTS }] }],
  ])('%s %s is known by itself', (method, target, body) => {
    expect(whyItMails(sent(method, target, body))).toBeDefined();
  });

  it.each<[string, string, unknown]>([
    ['POST', '/users/room%40town.example/events', { subject: 'Budget' }],
    ['PATCH', `${EVENT}?$select=id`, { subject: 'attendees' }],
    ['DELETE', EVENT, undefined],
    ['GET', '/users/room%40town.example/events?$select=attendees', undefined],
    ['POST', `${EVENT}/decline`, { sendResponse: false }],
    ['POST', '/subscriptions', { resource: EVENT }],
    ['POST', '/$batch', { requests: [{ id: '1', method: 'GET', url: EVENT }] }],
  ])('%s %s is none', (method, target, body) => {
    expect(whyItMails(sent(method, target, body))).toBeUndefined();
  });
});
