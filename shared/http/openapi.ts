import * as z from 'zod';
import { placesOf, type Place } from './places.ts';
import { titleOf } from './problem.ts';
import type { Route } from './route.ts';
import { Problem } from './schemas/common.ts';
import { answerSchemas, bodySchemas } from './schemas/component.ts';
import { HEADERS, PARAMETERS, SECURITY_SCHEMES } from './openapi-parts.ts';

type Json = Record<string, unknown>;

const SCHEMA_PREFIX = '#/components/schemas/';

const ABOUT =
  'Keeps rooms and calendars equal between Outlook and the booking systems of municipalities. A ' +
  "tenant's key is the tenant: path and `X-Tenant-Id` may only agree with it. An admin key names " +
  'the tenant in the path, else in `X-Tenant-Id`, else gets the default one, which is deprecated. ' +
  'Problems are RFC 9457. A path that does not exist answers 404 with the paths that do; a method ' +
  'that a path has not, 405 with `Allow`. Answers may get further members.';

/**
 * OpenAPI 3.1 of the routes, made from the schemas that check requests and, in tests, answers.
 * @throws where a body has no name, since the document could not refer to it.
 */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes)
    for (const place of placesOf(route)) {
      const item = (paths[`/${place.path}`] ??= {});
      item[route.method.toLowerCase()] = operation(route, place);
    }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Calendar bridge',
      version: '1.0.0',
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] })),
    paths,
    components: {
      schemas: schemas(),
      responses: problemResponses(routes),
      parameters: PARAMETERS,
      headers: HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function operation(route: Route, place: Place): Json {
  const { summary, description, body, access } = route;
  return {
    operationId: place.operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tagOf(route)],
    ...(place.deprecated ? { deprecated: true } : {}),
    ...(access === 'open' ? { security: [] } : {}),
    parameters: parameters(route, place),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { 'application/json': refTo(body) },
          },
        }),
    responses: responses(route, place),
  };
}

function tagOf({ path }: Route): string {
  return /^(?:bridges|mappings|runs|holds)(?=\/|$)/.exec(path)?.[0] ?? 'service';
}

function parameters(route: Route, place: Place): readonly Json[] {
  const isKeyed = route.access === 'key';
  const inPath = members(route.params).filter(({ name }) => place.path.includes(`{${name}}`));
  return [
    ...(place.tenantInPath ? [ref('parameters', 'Tenant')] : []),
    ...inPath.map(({ name, schema }) => ({ name, in: 'path', required: true, ...schema })),
    ...members(route.query).map(({ name, schema }) => ({ name, in: 'query', ...schema })),
    ...(isKeyed && !place.tenantInPath ? [ref('parameters', 'TenantHeader')] : []),
    ref('parameters', 'RequestId'),
  ];
}

/** The members of an object schema, as parameters have them: the description beside the schema. */
function members(
  schema: z.ZodType | undefined,
): readonly { name: string; schema: { schema: Json; description?: unknown } }[] {
  if (schema === undefined) return [];
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', override: tidy });
  return Object.entries(properties).map(([name, json]) => {
    const { description, ...rest } = json as Json;
    return {
      name,
      schema: { schema: rest, ...(description === undefined ? {} : { description }) },
    };
  });
}

function responses(route: Route, place: Place): Json {
  const always = ['X-Request-Id'];
  const keyed = route.access === 'key' && !place.tenantInPath ? ['Deprecation', 'Link'] : [];
  const answers = Object.entries(route.answers).map(([status, schema]): [string, Json] => [
    status,
    {
      description: titleOf(Number(status)),
      headers: headers([...always, ...keyed, ...(route.headers[Number(status)] ?? [])]),
      content: { 'application/json': refTo(schema) },
    },
  ]);
  const problems = route.problems.map((status): [string, Json] => [
    String(status),
    ref('responses', `Problem${status}`),
  ]);
  const texts = route.texts.map((status): [string, Json] => [
    String(status),
    {
      description: titleOf(status),
      headers: headers(always),
      content: { 'text/plain': { schema: { type: 'string' } } },
    },
  ]);
  return Object.fromEntries([...answers, ...texts, ...problems]);
}

function problemResponses(routes: readonly Route[]): Json {
  const statuses = new Set(routes.flatMap(({ problems }) => problems));
  const responses = [...statuses].map((status): [string, Json] => [
    `Problem${status}`,
    {
      description: titleOf(status),
      headers: headers([
        'X-Request-Id',
        ...(status === 401 ? ['WWW-Authenticate'] : ['Deprecation', 'Link']),
        ...(status === 503 ? ['Retry-After'] : []),
      ]),
      content: { 'application/problem+json': refTo(Problem) },
    },
  ]);
  return Object.fromEntries(responses);
}

function headers(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, ref('headers', name)]));
}

function refTo(schema: z.ZodType): { schema: Json } {
  const id = (answerSchemas.get(schema) ?? bodySchemas.get(schema))?.id;
  if (id === undefined)
    throw new Error('a body whose schema has no name: see schemas/component.ts');
  return { schema: { $ref: SCHEMA_PREFIX + id } };
}

function ref(kind: string, name: string): Json {
  return { $ref: `#/components/${kind}/${name}` };
}

function schemas(): Json {
  const made = [toSchemas(bodySchemas, 'input'), toSchemas(answerSchemas, 'output')];
  const named = made.flatMap((schemas) => Object.entries(schemas));
  return Object.fromEntries(
    named.map(([id, json]) => {
      // Its place in the document is its id.
      const { $schema: _, $id: __, ...schema } = json;
      return [id, schema] as const;
    }),
  );
}

function toSchemas(
  registry: typeof answerSchemas,
  io: 'input' | 'output',
): Record<string, z.core.JSONSchema.BaseSchema> {
  const uri = (id: string): string => SCHEMA_PREFIX + id;
  return z.toJSONSchema(registry, { io, uri, override: tidy }).schemas;
}

/** Takes out what says nothing, and what would forbid a later version to add a member. */
function tidy({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}
