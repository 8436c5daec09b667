import { isNotFound } from '../../model/errors.ts';
import type { ResourceId } from '../../model/ids.ts';
import type { Verdict } from '../../model/snapshot.ts';
import type { Instant } from '../../util/clock.ts';
import type { CallContext, Candidate } from '../bridge.ts';
import { mapAtOnce } from '../calls/call-gate.ts';
import { confirmationRange, isMissedLong } from '../silence.ts';
import type { RestApi } from './rest-api.ts';
import { isNamed } from './rest-endpoints.ts';
import { isSameId, toItem } from './rest-mapper.ts';
import type { LiveRow, Row } from './rest-rows.ts';
import type { RestSettings } from './rest-settings.ts';

const LOOKS_AT_ONCE = 4;

/**
 * Looks at single items of one resource: by id where the settings have `get_event`, one request each,
 * and one complete list for all that are not found; else in that list for all of them.
 */
export class VerdictReader {
  readonly #api: RestApi;
  readonly #settings: RestSettings;
  readonly #resource: ResourceId;
  readonly #now: Instant;
  readonly #context: CallContext;
  #list: Promise<ReadonlyMap<string, Row>> | undefined;
  #resourceAnswers: Promise<boolean> | undefined;

  constructor(
    api: RestApi,
    settings: RestSettings,
    resource: ResourceId,
    now: Instant,
    context: CallContext,
  ) {
    this.#api = api;
    this.#settings = settings;
    this.#resource = resource;
    this.#now = now;
    this.#context = context;
  }

  /** In the order given. `mayEnd`: what a list did not show for long enough may be called gone. */
  async judge(candidates: readonly Candidate[], mayEnd: boolean): Promise<readonly Verdict[]> {
    return await mapAtOnce(
      candidates,
      LOOKS_AT_ONCE,
      async (candidate) =>
        await (this.#api.readsById
          ? this.#lookById(candidate)
          : this.#lookInList(candidate, mayEnd)),
    );
  }

  async #lookById({ id }: Candidate): Promise<Verdict> {
    let row: Row;
    try {
      row = await this.#api.event(this.#resource, id, this.#context);
    } catch (error) {
      if (isNotFound(error)) return await this.#judgeUnfound(id);
      throw error;
    }
    if (row.resources?.some((on) => isSameId(on, this.#resource)) === false)
      return { kind: 'elsewhere' };
    if (row.isEnded) return (await this.#doesResourceAnswer()) ? { kind: 'gone' } : unanswered();
    if (row.resources !== undefined || this.#isAskedOnResource()) return this.#alive(row);
    // Neither the question nor the answer says where it is.
    const listed = (await this.#listed()).get(id);
    return listed === undefined || listed.isEnded ? { kind: 'elsewhere' } : this.#alive(row);
  }

  /** @throws BridgeError `rejected` where the list shows it: the address is wrong, and not only for it. */
  async #judgeUnfound(id: string): Promise<Verdict> {
    try {
      if ((await this.#listed()).get(id)?.isEnded !== false) return { kind: 'gone' };
    } catch (error) {
      if (isNotFound(error)) return unanswered();
      throw error;
    }
    throw this.#api.findsNothing('get_event');
  }

  #isAskedOnResource(): boolean {
    const { get_event: get } = this.#settings.endpoints;
    return get !== undefined && isNamed(get, 'resource_id');
  }

  async #lookInList(candidate: Candidate, mayEnd: boolean): Promise<Verdict> {
    const row = (await this.#listed()).get(candidate.id);
    if (row?.isEnded === false) return this.#alive(row);
    // What is said to be cancelled needs no second look.
    if (row !== undefined) return { kind: 'gone' };
    if (mayEnd && isMissedLong(candidate, this.#now)) return { kind: 'gone' };
    const reason = mayEnd
      ? 'missed in the list for less than five minutes'
      : 'the list does not show it, and there is no read by id';
    return { kind: 'unknown', reason, unlisted: true };
  }

  #alive(row: LiveRow): Verdict {
    return { kind: 'alive', item: toItem(row, this.#resource, this.#settings) };
  }

  /** Wide enough to find what was only moved. */
  #listed(): Promise<ReadonlyMap<string, Row>> {
    this.#list ??= this.#api
      .events(this.#resource, confirmationRange(this.#now), this.#context)
      .then((rows) => new Map(rows.map((row) => [row.id, row])));
    return this.#list;
  }

  /** An end says nothing while the resource is unknown or inactive itself. */
  #doesResourceAnswer(): Promise<boolean> {
    const moment = { start: this.#now, end: this.#now };
    this.#resourceAnswers ??= this.#api.events(this.#resource, moment, this.#context).then(
      () => true,
      (error: unknown) => {
        if (isNotFound(error)) return false;
        throw error;
      },
    );
    return this.#resourceAnswers;
  }
}

/** A 404 of an item says nothing while its resource is unknown itself. */
function unanswered(): Verdict {
  return { kind: 'unknown', reason: 'the resource does not answer either' };
}
