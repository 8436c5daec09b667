import { manualClock } from '../../../../local/simulator-kit/clock.ts';
import {
  UNBOUNDED,
  type BridgeWrite,
  type WriteOutcome,
} from '../../../../shared/bridges/bridge.ts';
import { RestBridge } from '../../../../shared/bridges/rest/rest-bridge.ts';
import { BridgeError } from '../../../../shared/model/errors.ts';
import type { BridgeKey, ExternalId } from '../../../../shared/model/ids.ts';
import type { SnapshotItem, Verdict } from '../../../../shared/model/snapshot.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import { at, ROOM, WINDOW } from '../booking/booking-stage.ts';

export const BASE_URL = 'https://calendar.example/base';
export const VALUES = { baseUrl: BASE_URL, apiKey: 'secret-key-1' };

/** A row of the generic contract. */
export const ROW = {
  id: 'e1',
  title: 'Formannskapet',
  start_time: '2026-10-01T08:00:00Z',
  end_time: '2026-10-01T09:00:00Z',
  description: 'Sak 1',
  contact_name: 'Kari',
  contact_email: 'kari@example.org',
  updated_at: '2026-09-01T08:00:00Z',
};

type Answer = (request: Request) => unknown;

/** A bridge before a scripted system: what the script gives is sent as JSON, unless it is a Response. */
export class RestStage {
  readonly clock = manualClock(at('2026-09-15T08:00:00Z'));
  readonly requests: Request[] = [];
  readonly bodies: unknown[] = [];
  readonly bridge: RestBridge;
  answer: Answer;

  constructor(answer: Answer = () => ({ events: [ROW] }), values: Record<string, string> = {}) {
    this.answer = answer;
    this.bridge = new RestBridge(
      'town' as BridgeKey,
      { kind: 'rest', values: { ...VALUES, ...values } },
      {
        fetch: async (request) => {
          this.requests.push(request.clone());
          this.bodies.push(request.body === null ? undefined : await request.clone().json());
          const said: unknown = await this.answer(request);
          return said instanceof Response ? said : Response.json(said);
        },
        clock: { now: () => this.clock.now() as Instant },
        logger: silentLogger,
      },
    );
  }

  /** Method, path and decoded query of each request so far. */
  lines(): string[] {
    return this.requests.map(({ method, url }) => {
      const { pathname, search } = new URL(url);
      return `${method} ${pathname}${decodeURIComponent(search)}`;
    });
  }

  async read(window = WINDOW): Promise<readonly SnapshotItem[]> {
    return (await this.bridge.readChanges(ROOM, undefined, window, UNBOUNDED)).items;
  }

  async look(id = 'e1', missedMs?: number): Promise<Verdict> {
    const candidate = {
      id: id as ExternalId,
      ...(missedMs === undefined ? {} : { missingSince: (this.clock.now() - missedMs) as Instant }),
    };
    const [verdict] = await this.bridge.confirmGone(ROOM, [candidate], WINDOW, UNBOUNDED);
    if (verdict === undefined) throw new Error('no verdict');
    return verdict;
  }

  async write(write: BridgeWrite): Promise<WriteOutcome> {
    const [outcome] = await this.bridge.write(ROOM, [write], UNBOUNDED);
    if (outcome === undefined) throw new Error('no outcome');
    return outcome;
  }
}

/** The error that the call fails with, which must be a bridge's own. */
export async function failureOf(call: Promise<unknown>): Promise<BridgeError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof BridgeError) return error;
  throw new Error(`no BridgeError but ${String(error)}`);
}
