import * as z from 'zod';
import { component } from './component.ts';

const RemovalItem = component(
  'RemovalItem',
  z
    .object({
      event_mapping_id: z.string(),
      side: z.enum(['source', 'target']).describe('Where the copy is.'),
      event_id: z.string().nullable().describe('Null where it is not known whether it was made.'),
      action: z.enum(['remove', 'keep']),
      rule: z.string(),
      reason: z.string(),
      done: z.boolean().describe('An earlier try has removed it.'),
    })
    .describe('What becomes of one copy: ids and reasons, no content.'),
);

/** What would be done; a problem may have it too. */
export const RemovalPlan = component(
  'RemovalPlan',
  z.object({
    items: z.array(RemovalItem),
    to_remove: z.int().nonnegative(),
    to_keep: z.int().nonnegative(),
    confirm: z.string().describe('To be sent as `confirm` to have just this carried out.'),
  }),
);
