import * as z from 'zod';

type Registry = z.core.$ZodRegistry<{ id: string }>;

/** Schemas of answers that are published under a name. */
export const answerSchemas: Registry = z.registry<{ id: string }>();

/** Schemas of request bodies that are published under a name: as they may be sent. */
export const bodySchemas: Registry = z.registry<{ id: string }>();

/** Publishes a schema under a name; wherever an answer has it, the document refers to it. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  answerSchemas.add(schema, { id });
  return schema;
}

/** Publishes the schema of a request's body under a name. */
export function requestBody<T extends z.ZodType>(id: string, schema: T): T {
  bodySchemas.add(schema, { id });
  return schema;
}
