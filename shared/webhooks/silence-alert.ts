import { hashOf, type TenantId } from '../model/ids.ts';
import type { Subscription } from '../model/subscription.ts';
import { formatInstant } from '../model/time.ts';
import type { AlertStore } from '../stores/ports.ts';
import type { Clock } from '../util/clock.ts';

/**
 * Push is dead: a subscription lives, and did not announce a change that a read found. Raised again
 * for the same change, or while nothing is heard, it is the same alert.
 * @throws StorageError
 */
export async function raiseSilence(
  { alerts, clock }: { readonly alerts: AlertStore; readonly clock: Clock },
  tenantId: TenantId,
  { bridge, resource, heardAt, unannouncedAt, silentSince }: Subscription,
): Promise<void> {
  const now = clock.now();
  const hasSpoken = silentSince === undefined || (heardAt !== undefined && heardAt > silentSince);
  const subject = `subscription:${bridge}:${hashOf(resource).slice(0, 22)}`;
  const raised = hasSpoken ? (unannouncedAt ?? now) : undefined;
  const before = (await alerts.list(tenantId)).find(
    (alert) =>
      alert.kind === 'push-dead' &&
      alert.subject === subject &&
      (raised === undefined || alert.raisedAt === raised),
  );
  const since = heardAt === undefined ? 'ever' : `since ${formatInstant(heardAt)}`;
  await alerts.put(tenantId, {
    kind: 'push-dead',
    subject,
    message:
      `${bridge} announced nothing of ${resource} ${since}, though its subscription lives: a change ` +
      `was found by reading at ${formatInstant(unannouncedAt ?? now)}. The subscription is made ` +
      'again, and the room is read at the short interval until a notice comes. If it stays silent: ' +
      'check that WEBHOOK_BASE_URL can be reached from outside, and that nothing before it turns ' +
      'POST requests away',
    raisedAt: before?.raisedAt ?? raised ?? now,
    lastAt: now,
    times: (before?.times ?? 0) + 1,
  });
}
