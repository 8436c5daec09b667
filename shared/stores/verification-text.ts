import * as z from 'zod';
import type { ExternalId, MappingId, PairId, RunId } from '../model/ids.ts';
import { VERDICTS, type Difference, type StoredVerification } from '../model/verification.ts';
import { idOf, InstantText, jsonText } from './codecs.ts';

type Members<T> = Record<keyof T, z.ZodType>;

const FieldName = z.enum(['title', 'slot', 'description', 'contact']);

const DifferenceSchema = z.object({
  kind: z.enum(['only-a', 'only-b', 'fields']),
  mappingId: idOf<MappingId>().exactOptional(),
  a: idOf<ExternalId>().exactOptional(),
  b: idOf<ExternalId>().exactOptional(),
  fields: z.array(FieldName),
  rule: z.string(),
  reason: z.string(),
  isPending: z.boolean(),
} satisfies Members<Difference>);

/** A verification as one text. */
export const VerificationText = jsonText(
  z.object({
    pairId: idOf<PairId>(),
    runId: idOf<RunId>(),
    verifiedAt: InstantText,
    window: z.object({ start: InstantText, end: InstantText }),
    verdict: z.enum(VERDICTS),
    equal: z.int(),
    explained: z.int(),
    unexplained: z.int(),
    pending: z.int(),
    held: z.int(),
    shown: z.object({ a: z.int(), b: z.int() }),
    compared: z.array(FieldName),
    hidden: z.array(FieldName),
    byRule: z.record(z.string(), z.int()),
    differences: z.array(DifferenceSchema),
    omitted: z.int(),
  } satisfies Members<StoredVerification>),
);
