import type { CallContext } from '../bridges/bridge.ts';
import { BridgeError } from '../model/errors.ts';
import { otherSide, SIDES, type ExternalId, type Side } from '../model/ids.ts';
import type { EventMapping, SideState } from '../model/mapping.ts';
import type { Verdict, Window } from '../model/snapshot.ts';
import { SideError, type SideAccess } from './reading.ts';

export interface LookPorts {
  readonly sides: Readonly<Record<Side, SideAccess>>;
  readonly window: Window;
  readonly context: CallContext;
  /** The copy a mapping has, where it has one. */
  readonly copyOf: (mapping: EventMapping) => SideState | undefined;
}

type Looks = ReadonlyMap<ExternalId, Verdict>;

/**
 * Looks at every copy by id, and at the original of each: by one complete read where the system only
 * has such, and by id where that does not show it.
 * @throws SideError, LeaseLostError
 */
export async function lookAround(
  mappings: readonly EventMapping[],
  ports: LookPorts,
): Promise<Readonly<Record<Side, Looks>>> {
  const copied = mappings.filter((mapping) => ports.copyOf(mapping) !== undefined);
  const [a, b] = await Promise.all(
    SIDES.map(async (side) => {
      const copies = copied.filter(({ origin }) => origin === otherSide(side));
      const originals = copied.filter(
        (mapping) => mapping.origin === side && mapping[side]?.gone !== true,
      );
      try {
        return new Map([
          ...(await byList(side, idsOn(side, originals), ports)),
          ...(await byId(side, idsOn(side, copies), ports)),
        ]);
      } catch (error) {
        throw error instanceof BridgeError ? new SideError(side, error) : error;
      }
    }),
  );
  return { a: a ?? new Map(), b: b ?? new Map() };
}

function idsOn(side: Side, mappings: readonly EventMapping[]): readonly ExternalId[] {
  return mappings.flatMap((mapping) => mapping[side]?.id ?? []);
}

async function byList(side: Side, ids: readonly ExternalId[], ports: LookPorts): Promise<Looks> {
  const { bridge, resource } = ports.sides[side];
  if (bridge.capabilities.changes !== 'list' || ids.length === 0) return byId(side, ids, ports);
  const { items } = await bridge.readChanges(resource, undefined, ports.window, ports.context);
  const wanted = new Set(ids);
  const shown = new Map<ExternalId, Verdict>(
    items.filter(({ id }) => wanted.has(id)).map((item) => [item.id, { kind: 'alive', item }]),
  );
  const missing = ids.filter((id) => !shown.has(id));
  return new Map([...shown, ...(await byId(side, missing, ports))]);
}

async function byId(side: Side, ids: readonly ExternalId[], ports: LookPorts): Promise<Looks> {
  if (ids.length === 0) return new Map();
  const { bridge, resource } = ports.sides[side];
  const verdicts = await bridge.readItems(resource, ids, ports.context);
  return new Map(
    ids.map((id, index): [ExternalId, Verdict] => [
      id,
      verdicts[index] ?? { kind: 'unknown', reason: 'the bridge gave no answer' },
    ]),
  );
}
