import type * as z from 'zod';
import type { Side } from '../../model/ids.ts';
import { formatInstant } from '../../model/time.ts';
import type { Difference, StoredVerification } from '../../model/verification.ts';
import type { Verification } from '../schemas/verification.ts';

type Body = z.output<typeof Verification>;

/** A verification as clients read it. */
export function renderVerification(found: StoredVerification): Body {
  return {
    run_id: found.runId,
    verdict: found.verdict,
    verified_at: formatInstant(found.verifiedAt),
    window: { start: formatInstant(found.window.start), end: formatInstant(found.window.end) },
    shown: { source: found.shown.a, target: found.shown.b },
    counts: {
      equal: found.equal,
      explained: found.explained,
      unexplained: found.unexplained,
      pending: found.pending,
      held: found.held,
    },
    by_rule: { ...found.byRule },
    compared_fields: [...found.compared],
    hidden_fields: [...found.hidden],
    differences: found.differences.map(renderDifference),
    differences_omitted: found.omitted,
  };
}

const KINDS = { 'only-a': 'only-source', 'only-b': 'only-target', fields: 'fields' } as const;

function renderDifference(difference: Difference): Body['differences'][number] {
  const idOn = (side: Side): string | null => difference[side] ?? null;
  return {
    kind: KINDS[difference.kind],
    event_mapping_id: difference.mappingId ?? null,
    source_event_id: idOn('a'),
    target_event_id: idOn('b'),
    fields: [...difference.fields],
    rule: difference.rule,
    reason: difference.reason,
    pending: difference.isPending,
  };
}
