import type { FaultInput } from '../../../local/simulator-kit/faults.ts';
import type { Operation, System } from './systems.ts';

/** One kind of fault, as the simulators make it. */
export interface Weather {
  readonly name: string;
  /** Made of one or more faults, the first of them that which must befall a request. */
  readonly faults: (system: System) => readonly FaultInput[];
  /** Changes on the side that is read, where a few are not enough to fill pages. */
  readonly changes?: number;
  /** Where it befalls a read once and the read succeeds all the same; else nothing may be written. */
  readonly isWithstood?: (system: System) => boolean;
  /** The same where it lasts. */
  readonly isWithstoodLasting?: boolean;
  /** Where it lasts, it is nothing else than another fault of the table is. */
  readonly isOnceOnly?: boolean;
  /** Why it cannot be; undefined where it can. */
  readonly cannotBe?: (system: System, operation: Operation) => string | undefined;
}

const HTML = '<!doctype html><html><body><h1>Sorry</h1></body></html>';
const HTML_HEADERS = { 'content-type': 'text/html; charset=utf-8' };
const MANY = 100_000;

function refusal(code: string): { readonly error: { readonly code: string } } {
  return { error: { code } };
}

function onlyPages(system: System, operation: Operation): string | undefined {
  if (operation !== 'read') return 'only a list has pages';
  return system.hasPages
    ? undefined
    : `${system.name} answers a schedule as a whole, without pages`;
}

export const WEATHERS: readonly Weather[] = [
  {
    name: '429, Retry-After in seconds',
    faults: () => [
      { status: 429, retryAfter: { seconds: 90 }, body: refusal('ApplicationThrottled') },
    ],
  },
  {
    name: '429, Retry-After as a date',
    isOnceOnly: true,
    faults: () => [
      {
        status: 429,
        retryAfter: { seconds: 90, as: 'date' },
        body: refusal('ApplicationThrottled'),
      },
    ],
  },
  { name: '429 without Retry-After', faults: () => [{ status: 429, body: '' }] },
  {
    name: '503',
    faults: () => [{ status: 503, body: refusal('ServiceUnavailable') }],
  },
  {
    name: '503 in mid-paging',
    faults: () => [
      { skip: 1, status: 503, body: refusal('ServiceUnavailable') },
      { page: { size: 1 }, times: MANY },
    ],
    cannotBe: onlyPages,
  },
  {
    name: 'pages without end',
    faults: () => [{ page: { endless: true }, times: MANY }],
    cannotBe: onlyPages,
  },
  {
    name: 'page size ignored',
    faults: () => [{ page: { size: 1000 }, times: MANY }],
    changes: 205,
    isWithstood: () => true,
    isWithstoodLasting: true,
    cannotBe: onlyPages,
  },
  {
    name: 'empty and short pages',
    faults: () => [{ page: { size: 0 } }, { page: { size: 1 }, times: MANY }],
    isWithstood: () => true,
    cannotBe: onlyPages,
  },
  { name: 'answer lost after the work', faults: () => [{ drop: 'after' }] },
  { name: 'connection cut before the work', isOnceOnly: true, faults: () => [{ drop: 'before' }] },
  {
    name: '412',
    faults: () => [{ status: 412, body: refusal('ErrorIrresolvableConflict') }],
  },
  {
    name: '410',
    faults: () => [{ status: 410, body: refusal('SyncStateNotFound') }],
    // It is taken for a cursor that is too old, and the read begins anew.
    isWithstood: ({ side }) => side === 'b',
  },
  {
    name: 'delta token expired',
    faults: () => [{ lapse: 'delta' }],
    isWithstood: () => true,
    isWithstoodLasting: true,
    cannotBe: (system, operation) =>
      onlyPages(system, operation) === undefined ? undefined : 'only a delta read has a token',
  },
  { name: 'HTML page, 200', faults: () => [{ status: 200, headers: HTML_HEADERS, body: HTML }] },
  { name: 'HTML page, 502', faults: () => [{ status: 502, headers: HTML_HEADERS, body: HTML }] },
  { name: 'answer cut off after the work', faults: () => [{ cut: true }] },
  {
    name: 'cut-off JSON in its place',
    isOnceOnly: true,
    faults: () => [{ status: 200, body: '{"value":[{"id":' }],
  },
  {
    name: 'session lapsed in mid-pass',
    faults: ({ lapse }) => [{ lapse }],
    isWithstood: () => true,
  },
  {
    name: '401',
    faults: () => [{ status: 401, body: refusal('InvalidAuthenticationToken') }],
    isWithstood: () => true,
  },
  { name: 'slow beyond the timeout', faults: () => [{ delayMs: 31_000 }] },
];
