import type { BridgeCapabilities } from '../../model/capabilities.ts';
import { contactOf } from '../../model/event.ts';
import type { EventContent } from '../../model/fields.ts';
import type { EventMapping } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import type { Known } from './mapping-change.ts';
import { asHeldBy } from './normalise.ts';

/**
 * What `target` is asked to hold: only fields that were seen, cut to what it can hold. An item whose
 * title may not be shown gets the tenant's default one.
 */
export function contentFor(
  capabilities: BridgeCapabilities,
  source: SnapshotItem,
  defaultTitle: string,
): EventContent {
  const shown = (field: 'title' | 'description' | 'contact'): boolean =>
    source.shown.includes(field);
  const { participants: _, ...event } = source.event;
  const contact = shown('contact') ? contactOf(source.event) : undefined;
  return asHeldBy(
    capabilities,
    {
      ...event,
      title: shown('title') ? event.title : '',
      description: shown('description') ? event.description : '',
      ...(contact === undefined ? {} : { participants: { contact } }),
    },
    defaultTitle,
  );
}

/** The same for every try of one create, another after each copy that ended (rule 6). */
export function idempotencyKeyOf(state: Known, mapping: EventMapping): string {
  return `cb1.${state.fingerprints.digest(`${mapping.id}#${mapping.generation}`)}`;
}
