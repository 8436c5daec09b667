import * as z from 'zod';
import type { ConflictPolicy, Direction } from '../../model/pair.ts';
import { requestBody } from '../schemas/component.ts';
import { DirectionName, PolicyName } from '../schemas/mappings.ts';

const DIRECTIONS: Readonly<Record<DirectionName, Direction>> = {
  source_to_target: 'aToB',
  target_to_source: 'bToA',
  bidirectional: 'both',
};

const DIRECTION_NAMES: Readonly<Record<Direction, DirectionName>> = {
  aToB: 'source_to_target',
  bToA: 'target_to_source',
  both: 'bidirectional',
};

const POLICIES: Readonly<Record<PolicyName, ConflictPolicy>> = {
  source: 'a',
  target: 'b',
  last_modified: 'lastModified',
  flag: 'flag',
};

const POLICY_NAMES: Readonly<Record<ConflictPolicy, PolicyName>> = {
  a: 'source',
  b: 'target',
  lastModified: 'last_modified',
  flag: 'flag',
};

export function directionOf(name: DirectionName): Direction {
  return DIRECTIONS[name];
}

export function policyOf(name: PolicyName): ConflictPolicy {
  return POLICIES[name];
}

export function directionName(direction: Direction): DirectionName {
  return DIRECTION_NAMES[direction];
}

export function policyName(policy: ConflictPolicy): PolicyName {
  return POLICY_NAMES[policy];
}

/** Control characters and halves of characters, which not every storage gives back as they were. */
const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;
const NOT_PLAIN = 'expected no control characters';

/** An id as a system gives it: the booking system's are numbers, and some clients keep them so. */
export const resourceId = z
  .union([z.string(), z.int()], 'expected a text or a whole number')
  .transform((id) => String(id).trim())
  .pipe(
    z
      .string()
      .min(1, 'expected an id')
      .max(256, 'expected 256 characters or less')
      .regex(PLAIN, NOT_PLAIN),
  );

const name = z
  .string('expected a text')
  .max(255, 'expected 255 characters or less')
  .regex(PLAIN, NOT_PLAIN);
const flag = z.boolean('expected true or false');

/** What can be changed of a mapping. `calendar_name` is an older name of `target_calendar_name`. */
const settings = {
  resource_name: name.optional(),
  source_calendar_name: name.optional(),
  calendar_name: name.optional(),
  target_calendar_name: name.optional(),
  sync_direction: DirectionName.optional(),
  conflict_policy: PolicyName.optional(),
  is_active: flag.optional(),
  sync_enabled: flag.optional(),
};

const ends = {
  resource_id: resourceId.optional(),
  source_calendar_id: resourceId.optional(),
  calendar_id: resourceId.optional(),
  target_calendar_id: resourceId.optional(),
};

/** Both ends under either of their names, which must not contradict each other. */
const NewMapping = z
  .object({ bridge_from: z.string().min(1), bridge_to: z.string().min(1), ...ends, ...settings })
  .superRefine((body, context) => {
    const [source, target] = [
      requireOne(body.source_calendar_id, body.resource_id),
      requireOne(body.target_calendar_id, body.calendar_id),
    ];
    for (const [field, problem] of [
      ['source_calendar_id', source],
      ['target_calendar_id', target],
    ] as const)
      if (problem !== undefined)
        context.addIssue({ code: 'custom', path: [field], message: problem });
  })
  .transform((body) => ({
    ...body,
    source_calendar_id: body.source_calendar_id ?? body.resource_id ?? '',
    target_calendar_id: body.target_calendar_id ?? body.calendar_id ?? '',
  }));

export const CreateBody = requestBody('NewMapping', NewMapping);

function requireOne(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined && other === undefined)
    return 'expected the id (or resource_id with calendar_id)';
  if (one !== undefined && other !== undefined && one !== other)
    return 'differs from its other name (resource_id, calendar_id)';
  return undefined;
}

/** Whole rows may be sent back: the ends are then compared, since they never change. */
export const UpdateBody = requestBody(
  'MappingChange',
  z.object({
    bridge_from: z.string().optional(),
    bridge_to: z.string().optional(),
    ...ends,
    ...settings,
  }),
);

export type MappingSettings = z.infer<z.ZodObject<typeof settings>>;

export function sourceName(body: MappingSettings): string | undefined {
  return body.source_calendar_name ?? body.resource_name;
}

export function targetName(body: MappingSettings): string | undefined {
  return body.target_calendar_name ?? body.calendar_name;
}
