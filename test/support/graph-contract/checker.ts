import { answerBreaches, type AnswerRules } from './answers.ts';
import { Description, type Found } from './description.ts';
import { Examples, readExamples } from './examples.ts';
import {
  lowerCased,
  memberOf,
  parsedJson,
  pathOf,
  type Answered,
  type Sender,
  type Sent,
} from './exchange.ts';
import { requestBreaches, type Readings } from './requests.ts';
import { ClosedSchemas } from './schemas.ts';
import { FAULT_HEADER } from '../../../local/simulator-kit/faults.ts';

/** `method template status`, of answers; `method template`, of requests. */
export type Row = string;

/** By who sent the request. */
export type Counts = Readonly<Record<Sender, number>>;

/** What no path of the description fits. */
export const NO_PATH = '(no such path)';
/** A request of a batch that was not run, since the one it depends on failed. */
export const NOT_RUN = '(depends on one that failed)';

/** Checks requests to Graph and their answers against the published description and examples. */
export class GraphContract {
  readonly description = new Description();
  readonly #readings: Readings = {
    exact: new ClosedSchemas(this.description.schemas, 'exact'),
    anyCase: new ClosedSchemas(this.description.schemas, 'anyCase'),
  };
  readonly #rules: AnswerRules = {
    description: this.description,
    schemas: this.#readings.exact,
    examples: new Examples(readExamples(), this.description),
  };
  /** Checks made of answers. */
  readonly answers = new Map<Row, Counts>();
  /** Checks made of the bridge's requests. */
  readonly bridgeRequests = new Map<Row, Counts>();
  /** What broke the description so far. */
  breaches: string[] = [];

  /**
   * Checks one exchange and each one inside a batch. Without an answer, or where a fault put one in
   * the simulator's place, only the request is checked.
   */
  check(sent: Sent, answered: Answered | undefined, sender: Sender): void {
    const own = answered?.headers.has(FAULT_HEADER) === true ? undefined : answered;
    if (sent.target === '/$batch') this.#checkInner(sent, own, sender);
    const found = this.description.find(sent.method, pathOf(sent.target));
    const isRefused = own === undefined || own.status >= 400;
    if (sender === 'bridge' || !isRefused) this.#checkRequest(sent, found, sender);
    if (own === undefined) return;
    count(this.answers, rowOf(sent, own, found), sender);
    const breaches = answerBreaches(sent, own, found.operation, this.#rules);
    const traced = ['request-id', 'client-request-id'].filter((name) => !own.headers.has(name));
    const untraced = own.status === 424 ? [] : traced.map((name) => `no header ${name}`);
    this.#report(`${own.status} to ${sent.method} ${sent.target}`, [...breaches, ...untraced]);
  }

  #checkRequest(sent: Sent, { operation, template }: Found, sender: Sender): void {
    if (sender === 'bridge')
      count(this.bridgeRequests, `${sent.method} ${template ?? NO_PATH}`, sender);
    const breaches =
      operation === undefined
        ? ['method and path are not described']
        : requestBreaches(sent, operation, this.#readings, sender);
    this.#report(`the ${sender}'s ${sent.method} ${sent.target}`, breaches);
  }

  #checkInner(batch: Sent, answered: Answered | undefined, sender: Sender): void {
    const requests = listIn(batch.body, 'requests');
    const responses = answered?.status === 200 ? listIn(answered.body, 'responses') : undefined;
    for (const request of requests) {
      const id = memberOf(request, 'id');
      const response = responses?.find((candidate) => memberOf(candidate, 'id') === id);
      if (responses !== undefined && response === undefined)
        this.#report('the batch', [`no answer to request ${String(id)}`]);
      this.check(
        innerSent(request),
        response === undefined ? undefined : innerAnswered(response),
        sender,
      );
    }
  }

  #report(what: string, breaches: readonly string[]): void {
    this.breaches.push(...breaches.map((breach) => `${what}: ${breach}`));
  }
}

function count(rows: Map<Row, Counts>, row: Row, sender: Sender): void {
  const counts = rows.get(row) ?? { bridge: 0, person: 0 };
  rows.set(row, { ...counts, [sender]: counts[sender] + 1 });
}

function rowOf({ method }: Sent, { status }: Answered, { template, operation }: Found): Row {
  if (status === 424) return `* ${NOT_RUN} ${status}`;
  if (template === undefined) return `* ${NO_PATH} ${status}`;
  return `${operation === undefined ? '*' : method} ${template} ${status}`;
}

function listIn(body: string, name: string): readonly unknown[] {
  const list = memberOf(parsedJson(body)?.value, name);
  return Array.isArray(list) ? (list as unknown[]) : [];
}

function innerSent(request: unknown): Sent {
  const url = String(memberOf(request, 'url'));
  return {
    method: String(memberOf(request, 'method')).toUpperCase(),
    target: url.startsWith('/') ? url : `/${url}`,
    headers: lowerCased((memberOf(request, 'headers') ?? {}) as Record<string, string>),
    body: textOf(memberOf(request, 'body')),
  };
}

function innerAnswered(response: unknown): Answered {
  return {
    status: Number(memberOf(response, 'status')),
    headers: lowerCased((memberOf(response, 'headers') ?? {}) as Record<string, string>),
    body: textOf(memberOf(response, 'body')),
  };
}

function textOf(body: unknown): string {
  return body === undefined || body === null ? '' : JSON.stringify(body);
}
