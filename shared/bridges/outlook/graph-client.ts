import { randomUUID } from 'node:crypto';
import {
  Client,
  GraphClientError,
  ResponseType,
  type Context,
  type GraphRequest,
} from '@microsoft/microsoft-graph-client';
import { BridgeError } from '../../model/errors.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { boundedText } from '../calls/bounded-body.ts';
import { faultOf } from './graph-errors.ts';
import type { GraphPath } from './graph-requests.ts';
import { MailboxWaits } from './mailbox-waits.ts';
import type { TokenSource } from './token-source.ts';

/** What the bridge needs of the world. */
export interface OutlookPorts {
  /** The global `fetch`, or a simulator's core. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 to 1; spreads retries. Default: none. */
  readonly random?: () => number;
  /** A signal that aborts after so many ms. Default: in real time. */
  readonly timeout?: (ms: number) => AbortSignal;
}

export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: GraphPath;
  /** The mailbox whose throttling it comes under, or what else is throttled by itself; undefined: nothing. */
  readonly mailbox?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The call in words, for errors and the log: no content, no person. */
  readonly what: string;
  readonly beforeCall: () => Promise<void>;
}

/** Ids that survive a move. Sent with every request. */
const IMMUTABLE_IDS = 'IdType="ImmutableId"';
/** Those, and bodies as plain text: for requests that answer with events. */
export const PREFERENCES = [IMMUTABLE_IDS, 'outlook.body-content-type="text"'] as const;

const TIMEOUT_MS = 30_000;
const VERSION = 'v1.0';

/**
 * Graph behind the Microsoft client with a chain of our own: one bearer token, our request id, a
 * timeout, no retry but one for a token that was not taken. What may be tried again is decided where
 * it is known what the call does.
 */
export class GraphClient {
  readonly #origin: string;
  readonly #tokens: TokenSource;
  readonly #ports: OutlookPorts;
  readonly #client: Client;
  /** Mailboxes that asked us to stay away. */
  readonly waits: MailboxWaits;

  /** @param origin Scheme, host and port of Graph, without a path. */
  constructor(origin: string, tokens: TokenSource, ports: OutlookPorts) {
    this.#origin = origin;
    this.#tokens = tokens;
    this.#ports = ports;
    this.waits = new MailboxWaits(ports.clock);
    this.#client = Client.initWithMiddleware({
      baseUrl: `${origin}/`,
      defaultVersion: VERSION,
      middleware: { execute: (context) => this.#execute(context) },
    });
  }

  /**
   * The JSON of a successful answer, or undefined where it has none (204). While a mailbox asked us to
   * stay away, nothing is sent to it.
   * @throws BridgeError for everything else.
   */
  async call(call: GraphCall): Promise<unknown> {
    const { method, path, headers, body, what, mailbox } = call;
    if (mailbox !== undefined) this.waits.check(mailbox);
    await call.beforeCall();
    // Another call may have been told to stay away meanwhile.
    if (mailbox !== undefined) this.waits.check(mailbox);
    const request = this.#client
      .api(path)
      .headers({ Prefer: IMMUTABLE_IDS, ...headers })
      .responseType(ResponseType.RAW);
    try {
      const response = (await sent(request, method, body)) as Response;
      return await this.#read(response, what);
    } catch (error) {
      const fault = this.#faultBehind(error, what);
      if (mailbox !== undefined) this.waits.note(mailbox, fault);
      this.#ports.logger.warn('a call to Graph failed', {
        what,
        kind: fault.kind,
        status: fault.status,
        code: fault.code,
      });
      throw fault;
    }
  }

  /**
   * The path of a link that Graph gave us, for `call`; undefined where it leads elsewhere. A link is
   * followed with our token, so it may only lead to the origin that is configured.
   */
  pathOf(link: string): GraphPath | undefined {
    if (!URL.canParse(link)) return undefined;
    const { origin, pathname, search } = new URL(link);
    const prefix = `/${VERSION}/`;
    if (origin !== this.#origin || !pathname.startsWith(prefix)) return undefined;
    return (pathname.slice(prefix.length - 1) + search) as GraphPath;
  }

  async #read(response: Response, what: string): Promise<unknown> {
    const text = await boundedText(`Graph, ${what}`, response);
    if (response.status === 204) return undefined;
    const json = parseJson(text);
    if (response.ok) {
      if (json === undefined)
        throw new BridgeError(
          'invalid-response',
          `Graph answered ${what} with something that is no JSON (${describe(response)}); ` +
            'a proxy or sign-in page may stand between',
          { status: response.status },
        );
      return json.value;
    }
    const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
    throw faultOf({ status: response.status, header, body: json?.value }, what, this.#ports.clock);
  }

  #faultBehind(error: unknown, what: string): BridgeError {
    if (error instanceof BridgeError) return error;
    if (error instanceof CarriedError) return this.#faultBehind(error.carried, what);
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    const reason = isTimeout ? `not within ${TIMEOUT_MS / 1000} s` : 'the connection failed';
    return new BridgeError('unavailable', `Graph did not answer ${what}: ${reason}`, {
      cause: error,
    });
  }

  async #execute(context: Context): Promise<void> {
    try {
      const response = await this.#send(context, { renew: false });
      if (response.status === 401) {
        await response.body?.cancel();
        context.response = await this.#send(context, { renew: true });
      } else context.response = response;
    } catch (error) {
      // The client makes a bare GraphError of anything else, and the cause would be lost.
      throw new CarriedError(error);
    }
  }

  async #send({ request, options }: Context, token: { renew: boolean }): Promise<Response> {
    const headers = new Headers(options?.headers);
    headers.set('authorization', `Bearer ${await this.#tokens.token(token)}`);
    headers.set('client-request-id', randomUUID());
    headers.set('return-client-request-id', 'true');
    const timeout = this.#ports.timeout ?? ((ms: number) => AbortSignal.timeout(ms));
    return await this.#ports.fetch(
      new Request(request, {
        method: options?.method ?? 'GET',
        headers,
        ...(typeof options?.body === 'string' ? { body: options.body } : {}),
        redirect: 'manual',
        signal: timeout(TIMEOUT_MS),
      }),
    );
  }
}

/** For calls outside a pass. */
export const noHold = async (): Promise<void> => {};

async function sent(
  request: GraphRequest,
  method: GraphCall['method'],
  body: unknown,
): Promise<unknown> {
  switch (method) {
    case 'GET':
      return (await request.get()) as unknown;
    case 'POST':
      return (await request.post(body)) as unknown;
    case 'PATCH':
      return (await request.patch(body)) as unknown;
    case 'DELETE':
      return (await request.delete()) as unknown;
  }
}

/** An error on its way through the client, which passes only errors of its own on as they are. */
class CarriedError extends GraphClientError {
  readonly carried: unknown;

  constructor(carried: unknown) {
    super('carried');
    // The base class sets its own prototype, which would hide what this is.
    Object.setPrototypeOf(this, CarriedError.prototype);
    this.carried = carried;
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function describe(response: Response): string {
  return `${response.status}, ${response.headers.get('content-type') ?? 'no content type'}`;
}
