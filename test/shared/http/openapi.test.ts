import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { generateApi } from 'swagger-typescript-api';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../../shared/http/routes.ts';
import { placesOf } from '../../../shared/http/places.ts';
import { makeWorld } from './fixture.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Operation {
  readonly operationId: string;
  readonly deprecated?: boolean;
  readonly security?: readonly object[];
  readonly parameters: readonly { readonly $ref?: string; readonly name?: string; in?: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

async function published(): Promise<Document> {
  const world = await makeWorld();
  const { body } = await world.call('GET', '/openapi.json');
  return body as unknown as Document;
}

function operationsOf({ paths }: Document): readonly (readonly [string, Operation])[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
}

describe('GET /openapi.json', () => {
  it('is open to all, and may be kept for an hour', async () => {
    const world = await makeWorld();
    const { status, headers } = await world.call('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=3600');
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(JSON.parse(JSON.stringify(await published())));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('describes each path that is registered, and no other', async () => {
    const { recorder } = await makeWorld();
    const registered = [...recorder.http.values()].map(({ route }) => `/${route}`);
    const described = Object.keys((await published()).paths);
    // The catch-all answers what no path is; its answer is the component UnknownPathProblem.
    expect(described.toSorted()).toEqual(registered.filter((path) => path !== '/{*path}').sort());
  });

  it('describes each method that a path does not answer with 405, and no other', async () => {
    const world = await makeWorld();
    const described = operationsOf(await published()).map(([operation]) => operation);
    const answered: string[] = [];
    for (const { route } of world.recorder.http.values())
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        if (route === '{*path}') continue;
        const { status } = await world.call(method, `/${route.replaceAll(/[{}]/g, '')}`);
        if (status !== 405) answered.push(`${method} /${route}`);
      }
    expect(described.toSorted()).toEqual(answered.sort());
  });

  it('describes parameters, bodies and every declared answer of an operation', async () => {
    const operations = new Map(operationsOf(await published()));
    for (const route of ROUTES)
      for (const place of placesOf(route)) {
        const operation = operations.get(`${route.method} /${place.path}`);
        const { parameters = [], responses = {} } = operation ?? {};
        const inPath = parameters.filter(
          (parameter) => parameter.in === 'path' || parameter.$ref?.endsWith('/Tenant') === true,
        );
        expect(inPath).toHaveLength(place.path.match(/\{/g)?.length ?? 0);
        expect(operation?.requestBody !== undefined).toBe(route.body !== undefined);
        expect(operation?.deprecated === true).toBe(place.deprecated);
        expect(operation?.security?.length === 0).toBe(route.access === 'open');
        const statuses = [
          ...Object.keys(route.answers),
          ...route.texts.map(String),
          ...route.problems.map(String),
        ];
        expect(Object.keys(responses).toSorted()).toEqual([...new Set(statuses)].sort());
      }
    const ids = [...operations.values()].map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('lets a later version add members to an answer', async () => {
    expect(JSON.stringify(await published())).not.toContain('"additionalProperties":false');
  });
});

/** Uses the generated client as somebody would, and would not compile if it were another. */
const PROGRAM = `
import { Api, type Mapping } from './client.ts';
const api = new Api({ baseUrl: 'http://127.0.0.1:7071', securityWorker: () => ({}) });
export async function firstMapping(): Promise<Mapping | undefined> {
  const { data } = await api.mappings.listMappings({ limit: 1, bridge_from: 'outlook' });
  const count: number = data.count;
  const next: string | null = data.next;
  if (count === 0 || next === null) return undefined;
  const created = await api.mappings.createMapping({ bridge_from: 'outlook', bridge_to: 'booking' });
  const direction: 'source_to_target' | 'target_to_source' | 'bidirectional' =
    created.data.mapping.sync_direction;
  // @ts-expect-error an unknown direction
  await api.mappings.createMapping({ bridge_from: 'a', bridge_to: 'b', sync_direction: 'up' });
  // @ts-expect-error a member that no mapping has
  void created.data.mapping.nothing;
  return direction === 'bidirectional' ? data.mappings[0] : undefined;
}
`;

describe('a client generated from it', () => {
  it('compiles, together with a program that uses it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bridge-client-'));
    try {
      await generateApi({
        fileName: 'client.ts',
        output: dir,
        spec: JSON.parse(JSON.stringify(await published())) as never,
        httpClientType: 'fetch',
        silent: true,
      });
      const client = join(dir, 'client.ts');
      // Generated with the compiler's eyes shut, which are what is wanted here.
      writeFileSync(client, readFileSync(client, 'utf8').replace('// @ts-nocheck', ''));
      writeFileSync(join(dir, 'program.ts'), PROGRAM);
      const flags = '--noEmit --strict --skipLibCheck --allowImportingTsExtensions --types --lib';
      const options = [...flags.split(' '), 'es2023,dom', '--module', 'nodenext'];
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const args = [compiler, ...options, 'program.ts'];
      const compiled = run(process.execPath, args, { cwd: dir });
      const output = await compiled.then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );
      expect(output).toBe('');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }, 60_000);
});
