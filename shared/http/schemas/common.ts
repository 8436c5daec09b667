import * as z from 'zod';
import { component } from './component.ts';
import { RemovalPlan } from './removal.ts';

/**
 * Schemas of answers have neither transforms nor defaults, so that what they make of an answer is
 * the answer itself, unless it has a member that they do not know. They do not refuse one: clients
 * must not either, since members may be added.
 */
export const Success = z.literal(true);

/** ISO 8601 in UTC. */
export const Time = z.iso.datetime();

export const Count = z.int().nonnegative();

/** Members of a page of a list. */
export const pageMembers = {
  count: Count.describe('How many this page has.'),
  next: z
    .string()
    .nullable()
    .describe('To be sent as `cursor` for the next page; null at the end.'),
};

/** An id in a path. */
export const PathId = z.string().min(1).max(256, 'expected 256 characters or less');

export const BridgeParams = z.object({
  bridge: PathId.describe('Key or alias of a bridge: `outlook`, `booking_system` (`booking`).'),
});

/** RFC 9457, with the members of the earlier service, and those that some problems add. */
export const Problem = component(
  'Problem',
  z
    .object({
      type: z.string().describe('The same for every problem of its kind.'),
      title: z.string(),
      status: z.int(),
      detail: z.string().describe('What happened, to what, and what can be done.'),
      instance: z.string().describe('The request id; the log has more under it.'),
      success: z.literal(false),
      error: z.string().describe('As `detail`.'),
      errors: z
        .array(z.object({ field: z.string(), message: z.string() }))
        .optional()
        .describe('Every bad field.'),
      fault: z.string().optional().describe('What the other system did.'),
      problems: z.array(z.string()).optional().describe('What is wrong with the settings.'),
      mapping_id: z.string().optional().describe('The mapping that it is about.'),
      plan: RemovalPlan.optional().describe(
        'What would be done now, where it is not what was confirmed.',
      ),
    })
    .describe('RFC 9457 problem details.'),
);

/** The answer of every path that does not exist. */
export const UnknownPathProblem = component(
  'UnknownPathProblem',
  Problem.extend({
    message: z.string(),
    status_code: z.int(),
    timestamp: Time,
    available_endpoints: z.array(z.string()),
    documentation: z.string(),
  }).describe('What a path that does not exist answers, whatever the method.'),
);
