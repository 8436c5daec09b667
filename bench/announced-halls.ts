import type { ComparedRoom } from '../local/verify/comparator.ts';
import { hallsOf, openHalls, type HallSystems } from '../test/support/halls.ts';
import { startLocalApp, until, type LocalApp } from '../test/support/local-app.ts';

/** Timers that look for changes: without them only what is announced crosses. */
const TIMERS = [
  'syncBookingToOutlook',
  'syncOutlookToBooking',
  'detectDeletions',
  'reconcileDeletions',
];

/** What a bench has set going may take long to end. */
export const PATIENCE_MS = 600_000;

export interface AnnouncedHalls {
  readonly app: LocalApp;
  readonly systems: HallSystems;
  readonly halls: readonly ComparedRoom[];
  /** What Graph holds of each room's subscription. */
  readonly subscriptions: readonly { readonly id: string; readonly clientState: string }[];
}

/**
 * The running app, its timers off, with so many rooms that are mapped and announced.
 * @param settings of the app, over those of a local run
 */
export async function openAnnounced(
  count: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<AnnouncedHalls> {
  const off = TIMERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']);
  const app = await startLocalApp([], { ...Object.fromEntries(off), ...settings });
  const halls = hallsOf(count);
  const systems = await openHalls(app.endpoints, halls);
  let living: readonly { id: string; resource: string; clientState: string }[] = [];
  await until(async () => {
    const answer = await fetch(`${systems.graphUrl}/subscriptions`, {
      headers: { authorization: `Bearer ${systems.graphToken}` },
    });
    living = ((await answer.json()) as { value: typeof living }).value;
    return halls.every(({ mailbox }) =>
      living.some(({ resource }) => decodeURIComponent(resource).includes(mailbox)),
    );
  });
  await app.idle(PATIENCE_MS);
  const ours = halls.flatMap(({ mailbox }) =>
    living.filter(({ resource }) => decodeURIComponent(resource).includes(mailbox)),
  );
  return { app, systems, halls, subscriptions: ours };
}
