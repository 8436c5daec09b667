import type { NoticeFormat, NoticeItem } from '../bridges/notice-format.ts';
import type { BridgeKey, TenantId } from '../model/ids.ts';
import type { RefusedNotices } from '../model/notices.ts';
import { NOTICE_BYTES_MAX, NOTICES_MAX, type NoticeJob } from '../queues/messages.ts';
import { readClientState } from './client-state.ts';

export interface NoticeReading {
  /** As many messages as are needed; none where nothing is meant for us. */
  readonly jobs: readonly NoticeJob[];
  readonly taken: number;
  readonly refused: RefusedNotices;
  /** Of those taken: of a kind that we do not know, and have no effect. */
  readonly unknown: number;
}

/** Whose notices they should be, and what shows that. */
export interface NoticeAddress {
  readonly tenantId: TenantId;
  readonly bridge: BridgeKey;
  readonly secrets: readonly string[];
  /** The tenant as the settings of its system name it: by its id, or by a domain. */
  readonly systemTenantId?: string | undefined;
  /** The state in the address's query. */
  readonly clientState?: string | undefined;
}

/**
 * What a body says, as far as it is meant for the tenant: each item has to carry a state that we made
 * for it. The same said several times is said once. Undefined where it is no body of notices.
 */
export function readNotices(
  body: unknown,
  format: NoticeFormat,
  address: NoticeAddress,
): NoticeReading | undefined {
  const items = format.read(body, address.clientState);
  if (items === undefined) return undefined;
  const refused = { malformed: 0, forged: 0, stranger: 0 };
  const notices = new Map<string, NoticeJob['notices'][number]>();
  let taken = 0;
  let unknown = 0;
  const hashOf = stateReader(address);
  for (const item of items) {
    if (item === undefined) {
      refused.malformed += 1;
      continue;
    }
    const place = placeOf(item, address, hashOf);
    if (place.kind !== 'ours') {
      refused[place.kind] += 1;
      continue;
    }
    taken += 1;
    const { subscriptionId, lifecycle } = item;
    if (lifecycle === 'other') {
      unknown += 1;
      continue;
    }
    const { resourceHash } = place;
    notices.set([resourceHash, subscriptionId ?? '', lifecycle ?? ''].join(' '), {
      resourceHash,
      ...(subscriptionId === undefined ? {} : { subscriptionId }),
      ...(lifecycle === undefined ? {} : { lifecycle }),
    });
  }
  return { jobs: jobsOf([...notices.values()], address), taken, refused, unknown };
}

/** The hash of the resource that a state is of, where we made it. */
type StateReader = (clientState: string) => string | undefined;

/** A burst of one room carries one state a hundred times: each is checked once. */
function stateReader({ secrets, tenantId, bridge }: NoticeAddress): StateReader {
  const checked = new Map<string, string | undefined>();
  return (state) => {
    if (!checked.has(state)) checked.set(state, readClientState(secrets, tenantId, bridge, state));
    return checked.get(state);
  };
}

/** The resource that an item is about, or why it is not taken. */
function placeOf(
  { clientState = '', systemTenantId: named }: NoticeItem,
  { systemTenantId }: NoticeAddress,
  hashOf: StateReader,
):
  | { readonly kind: 'ours'; readonly resourceHash: string }
  | { readonly kind: 'forged' | 'stranger' } {
  const resourceHash = hashOf(clientState);
  if (resourceHash === undefined) return { kind: 'forged' };
  if (isOther(named, systemTenantId)) return { kind: 'stranger' };
  return { kind: 'ours', resourceHash };
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Notices name a tenant by its id; where the settings name it by a domain, that cannot be compared. */
function isOther(named: string | undefined, known: string | undefined): boolean {
  if (named === undefined || known === undefined || !GUID.test(known)) return false;
  return named.toLowerCase() !== known.toLowerCase();
}

function jobsOf(
  all: NoticeJob['notices'],
  { tenantId, bridge }: NoticeAddress,
): readonly NoticeJob[] {
  return portionsOf(all).map((notices) => ({
    v: 1 as const,
    kind: 'notice' as const,
    tenantId,
    bridge,
    notices,
  }));
}

/** Each as much as one message takes. */
function portionsOf(all: NoticeJob['notices']): readonly NoticeJob['notices'][] {
  const portions: NoticeJob['notices'][] = [];
  let present: NoticeJob['notices'] = [];
  let bytes = 0;
  for (const notice of all) {
    const size = Buffer.byteLength(JSON.stringify(notice)) + 1;
    if (present.length === 0 || present.length === NOTICES_MAX || bytes + size > NOTICE_BYTES_MAX) {
      present = [];
      portions.push(present);
      bytes = 0;
    }
    present.push(notice);
    bytes += size;
  }
  return portions;
}
