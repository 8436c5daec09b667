import type { FaultName, Faults } from './faults.ts';
import type { Oracle } from './oracle.ts';
import type { People } from './people.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import { GRAPH_URL, type Systems } from './systems.ts';
import type { Watch } from './watch.ts';
import { Violation } from './violation.ts';
import { parseCall, type Answer, type Call } from './call.ts';

/** How long the bridges wait for an answer. */
const TIMEOUT_MS = 30_000;

/** What any request can meet. */
const ANY = [
  'throttled-seconds',
  'throttled-date',
  'throttled-bare',
  'unavailable',
  'time-out-before',
  'time-out-after',
  'cut-before',
  'cut-after',
  'html-answer',
] as const satisfies readonly FaultName[];

/** What some requests can meet. */
type Special = Extract<
  FaultName,
  | 'token-refused'
  | 'delta-gone'
  | 'delta-gone-in-paging'
  | 'oversized-page'
  | 'endless-paging'
  | 'batch-item-throttled'
  | 'batch-item-failed-before'
  | 'batch-item-failed-after'
  | 'edit-under-a-write'
  | 'session-lapsed'
  | 'empty-list'
  | 'short-list'
>;
type Item = Extract<Special, `batch-item-${string}`>;

export interface NetworkUse {
  readonly actor: Actor;
  readonly skewMs: () => number;
  readonly scheduler: Scheduler;
  readonly systems: Systems;
  readonly faults: Faults;
  readonly random: Random;
  readonly watch: Watch;
  readonly oracle: Oracle;
  readonly people: People;
}

/** An answer, or that none comes and when that is known. */
type Outcome = Answer | { readonly lostAfterMs: number };

/** `fetch` of one worker: each request is a step that reaches a simulator, or goes wrong. */
export function workerFetch(use: NetworkUse): (request: Request) => Promise<Response> {
  const network = new Network(use);
  return (request) => network.fetch(request);
}

class Network {
  readonly #use: NetworkUse;

  constructor(use: NetworkUse) {
    this.#use = use;
  }

  async fetch(request: Request): Promise<Response> {
    const { actor, scheduler, watch } = this.#use;
    const call = parseCall(request, await request.text(), scheduler.now);
    watch.content(`a request to ${call.place}`, call.tenant, call.url.href + call.body);
    const stranger = call.strangerIn();
    if (stranger !== undefined)
      watch.fail(new Violation('I4', `${call.tenant} asks for ${stranger}`));
    watch.request(call.place, actor.name, scheduler.now);
    watch.creates(call);
    const outcome = await scheduler.call(
      actor,
      call.label,
      () => this.#perform(call),
      (done) => ('lostAfterMs' in done ? 'no answer' : `${done.status} ${done.text.length}`),
    );
    if (!('lostAfterMs' in outcome)) {
      watch.answered(call, outcome);
      return responseOf(outcome);
    }
    await scheduler.sleep(actor, outcome.lostAfterMs);
    throw outcome.lostAfterMs > 0
      ? new DOMException('The operation was aborted due to timeout', 'TimeoutError')
      : new TypeError('fetch failed');
  }

  async #perform(call: Call): Promise<Outcome> {
    const { scheduler, faults } = this.#use;
    // A process that was frozen finds its time-out due before it sends anything.
    if (scheduler.now - call.sentAt >= TIMEOUT_MS) return { lostAfterMs: 1 };
    const fault = faults.draw(
      [...ANY, ...(call.isSignIn ? [] : this.#special(call))],
      shareOf(call),
    );
    switch (fault) {
      case undefined:
        return await this.#reach(call);
      case 'time-out-before':
        return { lostAfterMs: TIMEOUT_MS };
      case 'time-out-after':
        await this.#reach(call);
        return { lostAfterMs: TIMEOUT_MS };
      case 'cut-before':
        return { lostAfterMs: 0 };
      case 'cut-after':
        await this.#reach(call);
        return { lostAfterMs: 0 };
      case 'html-answer':
        if (this.#use.random.chance(0.5)) await this.#reach(call);
        return { status: 200, headers: { 'content-type': 'text/html' }, text: '<html>Hi</html>' };
      case 'unavailable':
        return failure(this.#use.random.pick([500, 502, 503, 504]), 'generalException');
      case 'throttled-bare':
        return failure(429, 'TooManyRequests');
      case 'throttled-seconds':
      case 'throttled-date':
        return this.#throttled(call, fault);
      case 'token-refused':
      case 'delta-gone':
      case 'delta-gone-in-paging':
      case 'oversized-page':
      case 'endless-paging':
      case 'batch-item-throttled':
      case 'batch-item-failed-before':
      case 'batch-item-failed-after':
      case 'edit-under-a-write':
      case 'session-lapsed':
      case 'empty-list':
      case 'short-list':
        return await this.#specially(call, fault);
    }
  }

  #throttled(call: Call, fault: 'throttled-seconds' | 'throttled-date'): Answer {
    const { random } = this.#use;
    const seconds = random.weighted({ 1: 2, 5: 3, 9: 2, 30: 2, 120: 1 });
    const status = random.pick([429, 429, 503]);
    const until = this.#askToWait(call, Number(seconds), fault === 'throttled-date');
    const wait = fault === 'throttled-seconds' ? seconds : new Date(until).toUTCString();
    return failure(status, 'ApplicationThrottled', { 'retry-after': wait });
  }

  /** @returns The time, on a whole second, at which the place may be asked again. */
  #askToWait(call: Call, seconds: number, isDate: boolean): number {
    const { scheduler, actor, watch, skewMs } = this.#use;
    const askedAt = scheduler.now;
    const until = Math.ceil(askedAt / 1000 + seconds) * 1000;
    // A worker whose clock is ahead of the place's takes a date for nearer than it is.
    const heardUntil = isDate ? until - Math.max(0, skewMs()) : askedAt + seconds * 1000;
    watch.askedToWait(call.place, { worker: actor.name, askedAt, until: heardUntil });
    return until;
  }

  #special(call: Call): readonly Special[] {
    if (call.isDelta) {
      const query = call.url.searchParams;
      const names: Special[] = [
        'token-refused',
        ...often('oversized-page', 4),
        ...often('endless-paging', 5),
      ];
      if (query.has('$deltatoken')) names.push(...often('delta-gone', 22));
      if (query.has('$skiptoken')) names.push(...often('delta-gone-in-paging', 50));
      return names;
    }
    if (call.isBatch)
      return [
        ...often('token-refused', 2),
        ...often('batch-item-throttled', 9),
        ...often('batch-item-failed-before', 9),
        ...often('batch-item-failed-after', 9),
        ...(call.writesExisting() ? often('edit-under-a-write', 20) : []),
      ];
    if (call.isSubscription)
      return call.domain === undefined ? ['token-refused'] : ['session-lapsed'];
    if (call.isSchedule)
      return ['session-lapsed', ...often('empty-list', 2), ...often('short-list', 2)];
    return ['session-lapsed', ...(call.writesExisting() ? often('edit-under-a-write', 20) : [])];
  }

  async #specially(call: Call, fault: Special): Promise<Outcome> {
    const { random, systems, people, oracle } = this.#use;
    switch (fault) {
      case 'token-refused':
        return failure(401, 'InvalidAuthenticationToken');
      case 'delta-gone':
      case 'delta-gone-in-paging':
        return failure(410, 'SyncStateNotFound');
      case 'session-lapsed':
        await systems.booking.fetch(
          new Request(`${call.url.origin}/__sim/lapse-sessions?domain=${call.domain ?? ''}`, {
            method: 'POST',
          }),
        );
        return await this.#reach(call);
      case 'edit-under-a-write': {
        const id = random.pick(call.existingIds());
        const isEdited = await people.renameNow(call.tenant, id);
        return await this.#reach(call, isEdited ? id : undefined);
      }
      case 'empty-list':
      case 'short-list': {
        const answer = await this.#reach(call);
        oracle.lied(call.place);
        return withRows(answer, (rows) =>
          fault === 'empty-list' ? [] : rows.filter(() => random.chance(0.6)),
        );
      }
      case 'oversized-page':
        return oversized(await this.#reach(call));
      case 'endless-paging':
        return endless(await this.#reach(call), call.url.href);
      case 'batch-item-throttled':
      case 'batch-item-failed-before':
      case 'batch-item-failed-after':
        return await this.#batchItem(call, fault);
    }
  }

  /** One request of a batch is answered with an error, done or not. */
  async #batchItem(call: Call, fault: Item): Promise<Outcome> {
    const { random } = this.#use;
    const requests = call.batchRequests();
    const victim = random.pick(requests);
    const others = requests.filter((request) => request !== victim);
    const sent = fault === 'batch-item-failed-after' ? requests : others;
    const answer =
      sent.length === 0
        ? { status: 200, headers: { 'content-type': 'application/json' }, text: '{"responses":[]}' }
        : await this.#reach(call.withRequests(sent));
    const done = JSON.parse(answer.text) as { responses: { id: string }[] };
    const isThrottled = fault === 'batch-item-throttled';
    const seconds = isThrottled ? Number(random.weighted({ 1: 3, 8: 2, 40: 1 })) : 0;
    if (isThrottled) this.#askToWait(call, seconds, false);
    const error = {
      id: victim.id,
      status: isThrottled ? 429 : 503,
      headers: isThrottled ? { 'Retry-After': String(seconds) } : {},
      body: { error: { code: isThrottled ? 'ApplicationThrottled' : 'generalException' } },
    };
    const responses = [...done.responses.filter(({ id }) => id !== victim.id), error];
    return { ...answer, text: JSON.stringify({ responses }) };
  }

  /**
   * The simulator does what it is asked.
   * @param edited Id of an item that a person has renamed since the bridge sent this.
   */
  async #reach(call: Call, edited?: string): Promise<Answer> {
    const { systems, oracle, faults, random } = this.#use;
    const core = call.url.origin === GRAPH_URL ? systems.graph.fetch : systems.booking.fetch;
    const isShort = call.isDelta && faults.enabled.has('short-pages') && random.chance(0.5);
    oracle.beforeWrite(call);
    const response = await core(call.request(isShort ? random.between(1, 2) : undefined));
    const text = await response.text();
    oracle.afterWrite(call, response.status, text, edited);
    if (isShort && text.includes('@odata.nextLink')) faults.count('short-pages');
    return { status: response.status, headers: Object.fromEntries(response.headers), text };
  }
}

/** Of few requests more go wrong, so that each of their faults comes. */
function shareOf({ isBatch, method, url }: Call): number {
  if (isBatch) return 5;
  return method !== 'GET' || url.searchParams.has('$skiptoken') ? 2.5 : 1;
}

/** What few requests can meet is drawn the more often by those that can. */
function often(name: Special, times: number): Special[] {
  return Array.from({ length: times }, () => name);
}

function responseOf({ status, headers, text }: Answer): Response {
  return new Response(status === 204 ? null : text, { status, headers });
}

function failure(status: number, code: string, headers: Record<string, string> = {}): Answer {
  const error = { error: { code, message: 'as the simulation will have it' } };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    text: JSON.stringify(error),
  };
}

function withRows(answer: Answer, change: (rows: unknown[]) => unknown[]): Answer {
  if (answer.status !== 200) return answer;
  return { ...answer, text: JSON.stringify(change(JSON.parse(answer.text) as unknown[])) };
}

interface Page {
  value: unknown[];
  '@odata.nextLink'?: string;
  '@odata.deltaLink'?: string;
}

/** Past the size that was asked for: each item is told again and again, which Graph may do. */
function oversized(answer: Answer): Answer {
  if (answer.status !== 200) return answer;
  const page = JSON.parse(answer.text) as Page;
  if (page.value.length === 0) return answer;
  const value = Array.from({ length: 201 }, (_, index) => page.value[index % page.value.length]);
  return { ...answer, text: JSON.stringify({ ...page, value }) };
}

function endless(answer: Answer, href: string): Answer {
  if (answer.status !== 200) return answer;
  const { value } = JSON.parse(answer.text) as Page;
  return { ...answer, text: JSON.stringify({ value, '@odata.nextLink': href }) };
}
