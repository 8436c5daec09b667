import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Schema } from './schemas.ts';
import { ALIASES } from './tolerated.ts';

/** Lies beside the repository on some machines, and is never copied into it. */
export const GRAPH_FOLDER = fileURLToPath(new URL('../../../../shared/graph/', import.meta.url));
const FILE = `${GRAPH_FOLDER}graph-calendar.openapi.json`;

/** Why no test against the published description can run here; undefined where they can. */
export const graphMissing: string | undefined = existsSync(FILE)
  ? undefined
  : `the description of Graph is not at ${FILE}`;

/** A query or header parameter. */
export interface Parameter {
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: string;
}

export interface Operation {
  readonly method: string;
  /** As described: `/users/{user-id}/events`. */
  readonly template: string;
  readonly query: readonly Parameter[];
  readonly headers: readonly Parameter[];
  /** Undefined where it takes no body. */
  readonly request: { readonly schema: Schema; readonly isRequired: boolean } | undefined;
  /** Undefined where success has no body. */
  readonly response: Schema | undefined;
}

/** What the description says of a method and path. */
export interface Found {
  /** The path's own template, which an alias may stand behind. */
  readonly template: string | undefined;
  readonly operation: Operation | undefined;
}

interface Reference {
  readonly $ref?: string;
}
interface RawParameter extends Reference {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}
interface RawBody extends Reference {
  readonly required?: boolean;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface RawOperation {
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: RawBody;
  readonly responses: Readonly<Record<string, RawBody>>;
}
interface RawDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** `graph-calendar.openapi.json`, read as far as requests and answers are checked against it. */
export class Description {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly error: Schema;
  readonly #raw: RawDescription;
  readonly #operations = new Map<string, Operation>();
  readonly #templates: readonly string[];

  constructor() {
    this.#raw = JSON.parse(readFileSync(FILE, 'utf8')) as RawDescription;
    this.schemas = this.#raw.components.schemas;
    this.error = { $ref: '#/components/schemas/microsoft.graph.ODataErrors.ODataError' };
    for (const [template, methods] of Object.entries(this.#raw.paths))
      for (const [method, operation] of Object.entries(methods))
        this.#operations.set(`${method.toUpperCase()} ${template}`, {
          method: method.toUpperCase(),
          template,
          ...this.#read(operation),
        });
    this.#templates = Object.keys(this.#raw.paths);
  }

  /** By an actual path, below `/v1.0` and without its query. */
  find(method: string, path: string): Found {
    const template = this.#templateOf(path);
    if (template === undefined) return { template, operation: undefined };
    const described = ALIASES.reduce((text, { from, to }) => text.replace(from, to), template);
    return { template, operation: this.#operations.get(`${method} ${described}`) };
  }

  /** The described template that fits with the fewest variable segments, else an alias that fits. */
  #templateOf(path: string): string | undefined {
    const segments = path.split('/');
    const candidates = [...this.#templates, ...this.#aliased()].filter((template) => {
      const parts = template.split('/');
      return (
        parts.length === segments.length &&
        parts.every((part, at) =>
          part.startsWith('{')
            ? segments[at] !== ''
            : part.toLowerCase() === segments[at]?.toLowerCase(),
        )
      );
    });
    return candidates.sort((a, b) => variablesIn(a) - variablesIn(b))[0];
  }

  #aliased(): readonly string[] {
    return ALIASES.flatMap(({ paths }) => paths);
  }

  #read(raw: RawOperation): Pick<Operation, 'query' | 'headers' | 'request' | 'response'> {
    const parameters = (raw.parameters ?? []).map((parameter) => this.#resolved(parameter));
    const placed = (place: string): readonly Parameter[] =>
      parameters
        .filter((parameter) => parameter.in === place)
        .map(({ name, required, schema }) => ({
          name,
          isRequired: required === true,
          type: schema.type ?? 'string',
        }));
    const body = raw.requestBody === undefined ? undefined : this.#resolved(raw.requestBody);
    const schema = schemaIn(body);
    const success = Object.entries(raw.responses).find(([status]) => status.startsWith('2'))?.[1];
    return {
      query: placed('query'),
      headers: placed('header'),
      request: schema === undefined ? undefined : { schema, isRequired: body?.required === true },
      response: success === undefined ? undefined : schemaIn(this.#resolved(success)),
    };
  }

  #resolved<T extends Reference>(node: T): T {
    if (node.$ref === undefined) return node;
    const found = node.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], this.#raw);
    return found as T;
  }
}

function variablesIn(template: string): number {
  return template.split('{').length;
}

function schemaIn(body: RawBody | undefined): Schema | undefined {
  return body?.content?.['application/json']?.schema;
}
