import * as z from 'zod';
import type { ConflictPolicy, Direction } from '../../model/pair.ts';

const DIRECTIONS = {
  source_to_target: 'aToB',
  target_to_source: 'bToA',
  bidirectional: 'both',
} as const satisfies Record<string, Direction>;

const POLICIES = {
  source: 'a',
  target: 'b',
  last_modified: 'lastModified',
  flag: 'flag',
} as const satisfies Record<string, ConflictPolicy>;

export type DirectionName = keyof typeof DIRECTIONS;
export type PolicyName = keyof typeof POLICIES;

export function directionOf(name: DirectionName): Direction {
  return DIRECTIONS[name];
}

export function policyOf(name: PolicyName): ConflictPolicy {
  return POLICIES[name];
}

export function directionName(direction: Direction): string {
  return nameOf(DIRECTIONS, direction);
}

export function policyName(policy: ConflictPolicy): string {
  return nameOf(POLICIES, policy);
}

function nameOf(names: Readonly<Record<string, string>>, value: string): string {
  return Object.entries(names).find(([, one]) => one === value)?.[0] ?? value;
}

/** An id as a system gives it: the booking system's are numbers, and some clients keep them so. */
export const resourceId = z
  .union([z.string(), z.int()], 'expected a text or a whole number')
  .transform((id) => String(id).trim())
  .pipe(z.string().min(1, 'expected an id').max(256, 'expected 256 characters or less'));

const name = z.string('expected a text').max(255, 'expected 255 characters or less');
const flag = z.boolean('expected true or false');

/** What can be changed of a mapping. `calendar_name` is an older name of `target_calendar_name`. */
const settings = {
  resource_name: name.optional(),
  source_calendar_name: name.optional(),
  calendar_name: name.optional(),
  target_calendar_name: name.optional(),
  sync_direction: z.enum(['source_to_target', 'target_to_source', 'bidirectional']).optional(),
  conflict_policy: z.enum(['source', 'target', 'last_modified', 'flag']).optional(),
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
export const CreateBody = z
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

function requireOne(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined && other === undefined)
    return 'expected the id (or resource_id with calendar_id)';
  if (one !== undefined && other !== undefined && one !== other)
    return 'differs from its other name (resource_id, calendar_id)';
  return undefined;
}

/** Whole rows may be sent back: the ends are then compared, since they never change. */
export const UpdateBody = z.object({
  bridge_from: z.string().optional(),
  bridge_to: z.string().optional(),
  ...ends,
  ...settings,
});

export type MappingSettings = z.infer<z.ZodObject<typeof settings>>;

export function sourceName(body: MappingSettings): string | undefined {
  return body.source_calendar_name ?? body.resource_name;
}

export function targetName(body: MappingSettings): string | undefined {
  return body.target_calendar_name ?? body.calendar_name;
}
