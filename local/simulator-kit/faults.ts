import * as z from 'zod';
import type { SimulatorClock } from './clock.ts';

/**
 * Body of `POST /__sim/faults`: the next `times` matching requests fail as described. An answer that
 * a fault puts in bears the header `x-simulated-fault`.
 */
const FaultSchema = z.strictObject({
  match: z
    .strictObject({
      method: z.string().optional(),
      /** Substring of the path with query; also of the requests inside a `$batch`. */
      path: z.string().optional(),
      mailbox: z.string().optional(),
    })
    .default({}),
  /** Matching requests that are let through before the first one fails. */
  skip: z.int().nonnegative().default(0),
  times: z.int().positive().default(1),
  status: z.int().min(100).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Sent as it is when a string (HTML, cut-off JSON), else as JSON. */
  body: z.unknown().optional(),
  /** Adds a `Retry-After`, counted from when the request comes, by the simulator's clock. */
  retryAfter: z
    .strictObject({
      seconds: z.int().nonnegative(),
      as: z.enum(['seconds', 'date']).default('seconds'),
    })
    .optional(),
  delayMs: z.number().nonnegative().optional(),
  /** The connection is cut: "before" anything is done, or "after" it is done. */
  drop: z.enum(['before', 'after']).optional(),
  /** The request is done, and the second half of its answer is missing. */
  cut: z.literal(true).optional(),
  /**
   * A list is told in pages of `size` items, whatever was asked for (0: an empty page), and each page
   * names a new next one without end where it is `endless`.
   */
  page: z
    .strictObject({ size: z.int().nonnegative().optional(), endless: z.literal(true).optional() })
    .refine(({ size, endless }) => size !== undefined || endless, 'needs size or endless')
    .optional(),
  /** What ends just before the request is looked at, and stays ended. */
  lapse: z.enum(['session', 'token', 'delta']).optional(),
});

type Fault = z.output<typeof FaultSchema>;
export type FaultInput = z.input<typeof FaultSchema>;
export type PageFault = NonNullable<Fault['page']>;

/** Tells an answer that a fault put in, or spoilt, from the simulator's own. */
export const FAULT_HEADER = 'x-simulated-fault';

/** Effects that not every simulator has. */
export type SpecialEffect = 'page' | NonNullable<Fault['lapse']>;

interface FaultSubject {
  method: string;
  path: string;
  mailbox?: string;
}

/** Thrown by a simulator's core where the answer shall never arrive; the server cuts the connection. */
export class DroppedConnection extends Error {
  constructor() {
    super('the simulator dropped this connection, as a fault asked for');
  }
}

export class FaultTable {
  readonly #effects: ReadonlySet<SpecialEffect>;
  #faults: Fault[] = [];
  #fired = 0;

  constructor(effects: readonly SpecialEffect[] = []) {
    this.#effects = new Set(effects);
  }

  /** @throws z.ZodError for a fault of another shape. @throws RangeError for an effect not had here. */
  add(input: FaultInput): void {
    const fault = FaultSchema.parse(input);
    const wanted = [fault.lapse, fault.page === undefined ? undefined : ('page' as const)];
    for (const effect of wanted)
      if (effect !== undefined && !this.#effects.has(effect))
        throw new RangeError(`this simulator has no ${effect} to play with`);
    this.#faults.push(fault);
  }

  clear(): void {
    this.#faults = [];
    this.#fired = 0;
  }

  /** Those with uses left. */
  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Requests that failed since the faults were last cleared. */
  get fired(): number {
    return this.#fired;
  }

  /** Takes one use of the first fault that matches and lets nothing through, or says there is none. */
  take(subject: FaultSubject): Fault | undefined {
    for (const fault of this.#faults.filter(({ match }) => matches(match, subject))) {
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      this.#fired += 1;
      if (fault.times <= 0) this.#faults = this.#faults.filter((other) => other !== fault);
      return fault;
    }
    return undefined;
  }
}

function matches(match: Fault['match'], subject: FaultSubject): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== subject.method.toUpperCase())
    return false;
  if (match.path !== undefined && !subject.path.includes(match.path)) return false;
  return (
    match.mailbox === undefined || match.mailbox.toLowerCase() === subject.mailbox?.toLowerCase()
  );
}

/** What a fault takes its time from. */
export interface FaultTime {
  readonly clock: Pick<SimulatorClock, 'now'>;
  /** Default: as long in real time. */
  readonly wait?: Wait | undefined;
}

export type Wait = (ms: number) => Promise<void>;

/**
 * Runs `handle` under a fault: waits, cuts the connection or the answer, or answers in its place.
 * @throws DroppedConnection where the fault says `drop`.
 */
export async function underFault(
  fault: Fault | undefined,
  { clock, wait = realWait }: FaultTime,
  handle: () => Promise<Response>,
): Promise<Response> {
  if (fault === undefined) return await handle();
  if (fault.delayMs !== undefined) await wait(fault.delayMs);
  if (fault.drop === 'before') throw new DroppedConnection();
  const isReplaced =
    fault.drop === undefined && (fault.status !== undefined || fault.body !== undefined);
  const response = isReplaced ? replacement(fault) : await handle();
  if (fault.drop === 'after') throw new DroppedConnection();
  const whole = fault.cut === true ? await cutOff(response) : response;
  if (fault.retryAfter !== undefined)
    whole.headers.set('retry-after', retryAfterText(fault.retryAfter, clock.now()));
  return whole;
}

async function realWait(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms));
}

function replacement({ status = 200, body, headers }: Fault): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? null);
  return new Response(status === 204 || status === 304 ? null : text, {
    status,
    headers: { 'content-type': 'application/json', [FAULT_HEADER]: 'true', ...headers },
  });
}

/** An answer without a body stays as it is. */
async function cutOff(response: Response): Promise<Response> {
  const text = await response.text();
  if (text === '') return response;
  const { status, headers } = response;
  const spoilt = new Headers(headers);
  spoilt.set(FAULT_HEADER, 'true');
  return new Response(text.slice(0, Math.ceil(text.length / 2)), { status, headers: spoilt });
}

/** RFC 9110 section 10.2.3. A date has no parts of a second, so it is the next whole one. */
function retryAfterText({ seconds, as }: NonNullable<Fault['retryAfter']>, nowMs: number): string {
  if (as === 'seconds') return String(seconds);
  return new Date(Math.ceil(nowMs / 1000 + seconds) * 1000).toUTCString();
}
