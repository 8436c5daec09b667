import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ADDED_MEMBERS } from './tolerated.ts';

export type Schema = Readonly<Record<string, unknown>>;
type Schemas = Readonly<Record<string, Schema>>;

const REF = '#/components/schemas/';
/** OData annotations may stand in every object, also of one member (`attendees@odata.context`). */
const ANNOTATIONS = { '^[^@]*@odata\\.': true };
const BASE = 'https://graph.test/';

/**
 * Compiles the description's schemas closed: in every object, at any depth, a member that is not
 * described and is no OData annotation is an error. Two readings are there: `exact`, and `anyCase`
 * for what Graph takes on input, where names and enum values stand in any case.
 */
export class ClosedSchemas {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #anyCase: boolean;

  constructor(schemas: Schemas, reading: 'exact' | 'anyCase') {
    addFormats.default(this.#ajv);
    this.#anyCase = reading === 'anyCase';
    const subtypes = subtypesOf(schemas);
    for (const [name, schema] of Object.entries(schemas)) {
      const described = withAddedMembers(name, schema);
      this.#ajv.addSchema(
        this.#closed(described, 'part') as AnySchemaObject,
        `${BASE}part/${name}`,
      );
      this.#ajv.addSchema(
        this.#whole(name, described, subtypes.get(name) ?? []),
        `${BASE}whole/${name}`,
      );
    }
  }

  /** What is wrong with `value`, or nothing. `key` names the schema among all that are checked. */
  errorsOf(key: string, schema: Schema, value: unknown): readonly string[] {
    const validate =
      this.#compiled.get(key) ?? this.#ajv.compile(this.#closed(schema, 'whole') as Schema);
    this.#compiled.set(key, validate);
    if (validate(this.#anyCase ? lowerNames(value) : value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  /** An object of the type, or of a type under it that says so by `@odata.type`. */
  #whole(name: string, schema: Schema, subtypes: readonly string[]): object {
    const own = this.#closed(schema, 'whole');
    if (subtypes.length === 0) return own as object;
    const typed = subtypes.map((subtype) => ({
      required: ['@odata.type'],
      properties: { '@odata.type': { const: `#${subtype}` } },
      $ref: `${BASE}whole/${subtype}`,
    }));
    return { anyOf: [own, ...typed], title: name };
  }

  /** `part`: a member of an `allOf`, which the whole around it closes. */
  #closed(schema: unknown, place: 'whole' | 'part'): unknown {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
    const closed: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(schema))
      closed[keyword] = this.#keyword(keyword, value, place);
    if (this.#anyCase && Array.isArray(closed['enum'])) {
      closed['pattern'] = anyCasePattern(closed['enum'] as readonly unknown[]);
      delete closed['enum'];
    }
    const isObject = 'properties' in schema || 'allOf' in schema;
    if (place === 'whole' && isObject && !('additionalProperties' in schema)) {
      closed['patternProperties'] = ANNOTATIONS;
      closed['unevaluatedProperties'] = false;
    }
    return closed;
  }

  #keyword(keyword: string, value: unknown, place: 'whole' | 'part'): unknown {
    switch (keyword) {
      case '$ref':
        return `${BASE}${place}/${String(value).slice(REF.length)}`;
      case 'allOf':
        return (value as unknown[]).map((member) => this.#closed(member, 'part'));
      case 'anyOf':
      case 'oneOf':
        return (value as unknown[]).map((member) => this.#closed(member, place));
      case 'items':
      case 'additionalProperties':
        return this.#closed(value, 'whole');
      case 'properties':
        return Object.fromEntries(
          Object.entries(value as object).map(([name, member]) => [
            this.#anyCase ? name.toLowerCase() : name,
            this.#closed(member, 'whole'),
          ]),
        );
      case 'required':
        return this.#anyCase ? (value as string[]).map((name) => name.toLowerCase()) : value;
      default:
        return value;
    }
  }
}

/** All types under each type, by the `allOf` of the described ones. */
function subtypesOf(schemas: Schemas): ReadonlyMap<string, readonly string[]> {
  const subtypes = new Map<string, string[]>();
  const basesOf = (name: string): string[] =>
    ((schemas[name]?.['allOf'] ?? []) as readonly Schema[])
      .flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref.slice(REF.length)] : []))
      .flatMap((base) => [base, ...basesOf(base)]);
  for (const name of Object.keys(schemas))
    for (const base of basesOf(name)) subtypes.set(base, [...(subtypes.get(base) ?? []), name]);
  return subtypes;
}

function withAddedMembers(name: string, schema: Schema): Schema {
  const added = ADDED_MEMBERS[name];
  if (added === undefined) return schema;
  const properties = Object.fromEntries(Object.keys(added).map((member) => [member, {}]));
  return { ...schema, properties: { ...(schema['properties'] as object), ...properties } };
}

function anyCasePattern(values: readonly unknown[]): string {
  const spelt = values.map((value) =>
    String(value).replaceAll(
      /[a-z]/gi,
      (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`,
    ),
  );
  return `^(?:${spelt.join('|')})$`;
}

function lowerNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toLowerCase(), lowerNames(member)]),
  );
}
