import { readdirSync, readFileSync } from 'node:fs';
import { GRAPH_FOLDER, type Description, type Operation } from './description.ts';
import { memberOf, pathOf } from './exchange.ts';
import { TOLERATED_ABSENCES } from './tolerated.ts';

interface Message {
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly body: unknown;
}

/** A request and response pair of the documentation. */
export interface Example {
  readonly name: string;
  readonly request: Message & {
    readonly method: string;
    readonly path: string;
    readonly direction?: string;
  };
  readonly response: (Message & { readonly status: number }) | null;
  /** Values such as `{id}`: only the shape counts. */
  readonly placeholders?: boolean;
  readonly derived?: string;
}

/** All pairs; the rule snippets of `recurrence-rules.json` are none. */
export function readExamples(): readonly Example[] {
  const folder = `${GRAPH_FOLDER}examples/`;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as Example)
    .filter((example) => 'request' in example);
}

/** The path as an app asks it: examples say `/me`, where an app names the mailbox. */
export function appPath({ request }: Example): string {
  return request.path.replace(/^\/me(?=\/)/, '/users/me@example.test');
}

/** The documented pairs by operation, for what an answer must at least have. */
export class Examples {
  readonly #byOperation = new Map<Operation, Example[]>();

  constructor(examples: readonly Example[], description: Description) {
    for (const example of examples) {
      const path = pathOf(appPath(example));
      const { operation } = description.find(example.request.method, path);
      if (operation === undefined) continue;
      this.#byOperation.set(operation, [...this.#of(operation), example]);
    }
  }

  /** Documented statuses of success. */
  successes(operation: Operation): readonly number[] {
    return this.#of(operation)
      .map(({ response }) => response?.status ?? 0)
      .filter((status) => status >= 200 && status < 300);
  }

  /**
   * Paths of the members that a documented answer of the operation has and `body` has not, but for
   * those that are tolerated. `selected`, in lower case, are the members that were asked for.
   */
  lacking(
    operation: Operation,
    selected: readonly string[] | undefined,
    body: unknown,
  ): readonly string[] {
    const lacks = this.#of(operation)
      .filter(({ response }) => response !== null && response.status < 300)
      .flatMap(({ response }) => lackingIn(body, response?.body, '$'))
      .filter((path) => selected === undefined || isSelected(path, selected))
      .filter((path) => !isTolerated(operation, path));
    return [...new Set(lacks)];
  }

  #of(operation: Operation): readonly Example[] {
    return this.#byOperation.get(operation) ?? [];
  }
}

function isTolerated({ template }: Operation, path: string): boolean {
  return TOLERATED_ABSENCES.some(
    (absence) => absence.path.test(path) && absence.of?.test(template) !== false,
  );
}

/** The members of a single event or of the items of a list; annotations and ids are always there. */
function isSelected(path: string, selected: readonly string[]): boolean {
  const member = /^\$(?:\.value\[\])?\.([^.[]+)/.exec(path)?.[1] ?? '';
  return member.startsWith('@') || member === 'id' || selected.includes(member.toLowerCase());
}

/** Null stands for any object, and an empty list for any list. */
function lackingIn(given: unknown, wanted: unknown, path: string): readonly string[] {
  if (given === null || typeof wanted !== 'object' || wanted === null) return [];
  if (Array.isArray(wanted)) {
    if (!Array.isArray(given)) return [`${path}[]`];
    return given.flatMap((item) => {
      const like = wanted.find((example) => kindOf(example) === kindOf(item));
      return like === undefined ? [] : lackingIn(item, like, `${path}[]`);
    });
  }
  if (kindOf(given) !== kindOf(wanted)) return [];
  return Object.entries(wanted)
    .filter(([name]) => name !== '@odata.nextLink' && name !== '@odata.deltaLink')
    .flatMap(([name, value]) => {
      const member = memberOf(given, name);
      const inner = `${path}.${name}`;
      return member === undefined ? [inner] : lackingIn(member, value, inner);
    });
}

/** Objects under one name that have different members by their nature. */
function kindOf(item: unknown): string {
  const type = String(memberOf(item, '@odata.type'));
  if (type.endsWith('.roomList') || type.endsWith('.customTimeZone')) return type;
  if (memberOf(memberOf(item, 'headers'), 'X-Simulated-Fault') !== undefined) return 'a fault';
  if (memberOf(item, '@removed') !== undefined) return 'removal';
  if (memberOf(item, 'error') !== undefined) return 'unresolved schedule';
  if (memberOf(item, 'isPrivate') === true) return 'private schedule item';
  if (memberOf(item, 'displayName') === '' && memberOf(item, 'locationType') !== undefined)
    return 'no place';
  const status = memberOf(item, 'status');
  if (typeof status === 'number' && status >= 400) return 'refusal in a batch';
  if (status === 202 || status === 204) return 'answer in a batch without a body';
  const isBare = memberOf(item, 'subject') === undefined;
  if (isBare && memberOf(item, 'type') === 'occurrence') return 'occurrence of delta';
  return 'whole';
}
