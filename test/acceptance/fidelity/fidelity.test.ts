import { describe, expect, it } from 'vitest';
import { Town, type Json } from '../../support/town.ts';
import { of, placed, PROFILES, type Placed, type Profile } from './case.ts';
import { RESERVATIONS } from './from-booking.ts';
import { fidelityText } from './matrix.ts';
import { WAYS, type Way } from './ways.ts';

/** Members that move with every change; an occurrence that is changed becomes an exception by it. */
const MOVING = new Set(['@odata.etag', 'changeKey', 'lastModifiedDateTime', 'updated_at', 'type']);

describe.each(Object.entries(WAYS))('%s, and back', (_name, way) => {
  it.each(PROFILES)('crosses as the table says: %s', { timeout: 60_000 }, async (profile) => {
    const town = await Town.open({
      profile,
      rooms: 2,
      windowFutureDays: 370,
      brake: { createsMin: 10_000 },
      booking: RESERVATIONS,
    });
    const cases = placed(way.cases);
    for (const { make, day, room } of cases) await make(town, day, room);
    const originals = new Map<Placed, readonly Json[]>();
    for (const one of cases) originals.set(one, await way.original(town, one));
    await town.settle();
    for (const one of cases) {
      const { seen, wanted } = await crossed(town, way, one, originals.get(one) ?? [], profile);
      expect(seen).toEqual(wanted);
    }
    const copied = cases.filter(({ none }) => of(none, profile) === undefined);
    const titles = await rename(town, way, copied);
    for (const one of copied) {
      const { seen, wanted } = await returned(town, way, one, originals.get(one) ?? []);
      expect(seen).toEqual(wanted);
      const [copy = {}] = await way.copy(town, one);
      const kept = one.renamed === 'put back' ? titles.get(one) : `Renamed ${one.day}`;
      expect({ what: one.what, copyTitle: copy[way.copyTitle] }).toMatchObject({ copyTitle: kept });
    }
  });
});

it('is written down in docs/fidelity.md as it is', async () => {
  // `npx vitest run test/acceptance/fidelity -u` writes it anew.
  await expect(await fidelityText()).toMatchFileSnapshot('../../../docs/fidelity.md');
});

interface Compared {
  readonly seen: Json;
  readonly wanted: Json;
}

async function crossed(
  town: Town,
  way: Way,
  one: Placed,
  made: readonly Json[],
  profile: Profile,
): Promise<Compared> {
  const { what } = one;
  const copies = await way.copy(town, one);
  // Nothing is written back: neither a cut nor a word of ours.
  const seen = { what, original: await way.original(town, one), isMade: made.length > 0 };
  const wanted = { what, original: made, isMade: true };
  if (of(one.none, profile) !== undefined)
    return { seen: { ...seen, isMade: true, copies }, wanted: { ...wanted, copies: [] } };
  const asMade = await way.shownAsMade(town, made);
  const change = of(one.copy, profile);
  const shown = { ...asMade, ...change?.(asMade) };
  const isEqual = JSON.stringify(asMade) === JSON.stringify(shown);
  const isExplained = isEqual || of(one.loss, profile) !== undefined;
  return {
    seen: { ...seen, isExplained, shown: await way.shownAsCopy(town, copies) },
    wanted: { ...wanted, isExplained: true, shown },
  };
}

/** Gives each copy another title. @returns those before */
async function rename(
  town: Town,
  way: Way,
  copied: readonly Placed[],
): Promise<ReadonlyMap<Placed, unknown>> {
  const titles = new Map<Placed, unknown>();
  for (const one of copied) {
    const [item] = await way.copy(town, one);
    if (item === undefined) throw new Error(`${one.what} has no copy`);
    titles.set(one, item[way.copyTitle]);
    await way.rename(town, one, item, `Renamed ${one.day}`);
  }
  await town.settle();
  return titles;
}

/** The title is all that comes back, if it does, and the rest of the original stays. */
async function returned(
  town: Town,
  way: Way,
  one: Placed,
  [before = {}, ...rest]: readonly Json[],
): Promise<Compared> {
  const { what } = one;
  const title = one.renamed === undefined ? { [way.title]: `Renamed ${one.day}` } : {};
  const now = await way.original(town, one);
  return {
    seen: { what, now: now.map(steady) },
    wanted: { what, now: [{ ...before, ...title }, ...rest].map(steady) },
  };
}

function steady(item: Json): Json {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !MOVING.has(name)));
}
