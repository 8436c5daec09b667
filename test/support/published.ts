import { ok } from 'node:assert/strict';
import { HttpRequest } from '@azure/functions';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { placesOf } from '../../shared/http/places.ts';
import { ROUTES } from '../../shared/http/routes.ts';

export type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI document, as what is sent and answered is held against it. */
export class PublishedDocument {
  readonly #document: Json;
  readonly #components: Json;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: Json) {
    this.#document = document;
    this.#components = { schemas: eachClosed(at(document, ['components', 'schemas'])) };
    addFormats.default(this.#ajv);
  }

  /**
   * Whether the document tells of this body, to the last member.
   * @param path As it was registered.
   * @throws AssertionError
   */
  checkAnswer(
    method: string,
    path: string,
    { status, body }: { readonly status: number; readonly body: unknown },
  ): void {
    this.#check(`${method} /${path}: ${status}`, this.#answerSchema(method, path, status), body);
  }

  /**
   * Whether the document tells of a body that a route took.
   * @throws AssertionError
   */
  checkRequest(method: string, path: string, body: unknown): void {
    const content = this.#operation(method, path)?.['requestBody'];
    if (content === undefined) return;
    const schema = at(content as Json, ['content', 'application/json', 'schema']);
    this.#check(`what ${method} /${path} took`, schema, body);
  }

  #answerSchema(method: string, path: string, status: number): Json {
    if (path === '{*path}') return { $ref: '#/components/schemas/UnknownPathProblem' };
    const operation = this.#operation(method, path);
    // What a path says of another method belongs to no operation.
    if (operation === undefined) return { $ref: '#/components/schemas/Problem' };
    const response = this.#resolved(at(operation, ['responses', String(status)]));
    const [media = 'none'] = Object.keys(at(response, ['content']));
    return at(response, ['content', media, 'schema']);
  }

  #operation(method: string, path: string): Json | undefined {
    return at(this.#document, ['paths', `/${path}`])[method.toLowerCase()] as Json | undefined;
  }

  #resolved(json: Json): Json {
    const { $ref } = json;
    return typeof $ref === 'string' ? at(this.#document, $ref.slice(2).split('/')) : json;
  }

  #check(what: string, schema: Json, body: unknown): void {
    const text = JSON.stringify(schema);
    const components = this.#components;
    const validate =
      this.#compiled.get(text) ?? this.#ajv.compile({ allOf: [closed(schema)], components });
    this.#compiled.set(text, validate);
    const errors = (): string => JSON.stringify(validate.errors);
    ok(validate(body), `${what} is not as published: ${errors()} ${JSON.stringify(body)}`);
  }
}

/** As `GET /openapi.json` answers it. */
export async function publishedDocument(): Promise<Json> {
  const route = ROUTES.find(({ path }) => path === 'openapi.json');
  const [place] = route === undefined ? [] : placesOf(route);
  ok(route !== undefined && place !== undefined, 'the document has a route');
  const serve = route.serve(async () => {
    throw new Error('the document needs no services');
  }, place);
  const request = new HttpRequest({ method: 'GET', url: 'https://bridge.example/openapi.json' });
  const { body } = await serve(request);
  return JSON.parse(body as string) as Json;
}

export const PUBLISHED = new PublishedDocument(await publishedDocument());

function at(json: Json, path: readonly string[]): Json {
  let found: unknown = json;
  for (const name of path) {
    ok(typeof found === 'object' && found !== null && name in found, `no ${path.join('/')}`);
    found = (found as Json)[name];
  }
  return found as Json;
}

/**
 * The schema with members refused that it does not name, and nothing let through by one that says
 * nothing. The document itself stays open, since later versions may add members.
 */
function closed(schema: Json): Json | false {
  if (Object.keys(schema).every((keyword) => keyword === 'description')) return false;
  const { type, properties, items, additionalProperties: rest } = schema;
  const unions = ['anyOf', 'oneOf', 'allOf'].filter((keyword) => keyword in schema);
  const isOpen = typeof rest === 'object' && rest !== null && Object.keys(rest).length === 0;
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: eachClosed(properties as Json) }),
    ...(items === undefined ? {} : { items: closed(items as Json) }),
    ...Object.fromEntries(
      unions.map((keyword) => [keyword, (schema[keyword] as readonly Json[]).map(closed)]),
    ),
    ...(type !== 'object' || isOpen
      ? {}
      : { additionalProperties: rest === undefined ? false : closed(rest as Json) }),
  };
}

function eachClosed(schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, closed(schema as Json)]),
  );
}
