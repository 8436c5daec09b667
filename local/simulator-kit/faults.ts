import * as z from 'zod';

/**
 * Body of `POST /__sim/faults`: the next `times` matching requests fail as described. An answer that
 * a fault puts in bears the header `x-simulated-fault`.
 */
export const FaultSchema = z.object({
  match: z
    .object({
      method: z.string().optional(),
      /** Substring of the path with query; also of the requests inside a `$batch`. */
      path: z.string().optional(),
      mailbox: z.string().optional(),
    })
    .default({}),
  times: z.int().positive().default(1),
  status: z.int().min(100).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Sent as it is when a string (HTML, cut-off JSON), else as JSON. */
  body: z.unknown().optional(),
  delayMs: z.number().nonnegative().optional(),
  /** The connection is cut: "before" anything is done, or "after" it is done. */
  drop: z.enum(['before', 'after']).optional(),
});

export type Fault = z.infer<typeof FaultSchema>;

/** Tells an answer that a fault put in from the simulator's own. */
export const FAULT_HEADER = 'x-simulated-fault';

export interface FaultSubject {
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
  #faults: Fault[] = [];

  add(fault: Fault): void {
    this.#faults.push({ ...fault });
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Takes one use of the first fault that matches, or says there is none. */
  take(subject: FaultSubject): Fault | undefined {
    const index = this.#faults.findIndex(({ match }) => matches(match, subject));
    const fault = this.#faults[index];
    if (fault === undefined) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.#faults.splice(index, 1);
    return fault;
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

/**
 * Runs `handle` under a fault: waits, cuts the connection before or after, or answers in its place.
 * @throws DroppedConnection where the fault says `drop`.
 */
export async function underFault(
  fault: Fault | undefined,
  handle: () => Promise<Response>,
): Promise<Response> {
  if (fault === undefined) return await handle();
  if (fault.delayMs !== undefined) await new Promise((done) => setTimeout(done, fault.delayMs));
  if (fault.drop === 'before') throw new DroppedConnection();
  if (fault.drop === 'after') {
    await handle();
    throw new DroppedConnection();
  }
  if (fault.status === undefined && fault.body === undefined) return await handle();
  const body = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? null);
  const headers = new Headers({
    'content-type': 'application/json',
    [FAULT_HEADER]: 'true',
    ...fault.headers,
  });
  const status = fault.status ?? 200;
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}
