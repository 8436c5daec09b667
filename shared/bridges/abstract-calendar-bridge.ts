import type { BridgeCapabilities } from '../model/capabilities.ts';
import { BridgeError } from '../model/errors.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../model/ids.ts';
import type { Snapshot, Verdict, Window } from '../model/snapshot.ts';
import { invariant } from '../util/invariant.ts';
import type {
  BridgeHealth,
  BridgeWrite,
  CalendarBridge,
  CalendarResource,
  CallContext,
  Candidate,
  WriteOutcome,
} from './bridge.ts';

/** One page of a listing, and where the next one is. */
export interface Page<T, Link extends string> {
  readonly items: readonly T[];
  readonly next?: Link;
}

/**
 * What every bridge shares: writes are cut to the size the system takes and checked against the
 * declared capabilities; paging is bounded; `confirmGone` is the read by id unless a system has none.
 */
export abstract class AbstractCalendarBridge implements CalendarBridge {
  abstract readonly key: BridgeKey;
  abstract readonly capabilities: BridgeCapabilities;
  abstract readonly mapperVersion: number;

  abstract listResources(): Promise<readonly CalendarResource[]>;

  abstract readChanges(
    resource: ResourceId,
    cursor: string | undefined,
    window: Window,
    context: CallContext,
  ): Promise<Snapshot>;

  abstract readItems(
    resource: ResourceId,
    ids: readonly ExternalId[],
    context: CallContext,
  ): Promise<readonly Verdict[]>;

  abstract checkHealth(): Promise<BridgeHealth>;

  /** Applies at most `writesPerRequestMax` writes. */
  protected abstract writeChunk(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]>;

  confirmGone(
    resource: ResourceId,
    candidates: readonly Candidate[],
    _window: Window,
    context: CallContext,
  ): Promise<readonly Verdict[]> {
    return this.readItems(
      resource,
      candidates.map(({ id }) => id),
      context,
    );
  }

  async write(
    resource: ResourceId,
    writes: readonly BridgeWrite[],
    context: CallContext,
  ): Promise<readonly WriteOutcome[]> {
    for (const write of writes) this.#checkWrite(write);
    const outcomes: WriteOutcome[] = [];
    const size = this.capabilities.writesPerRequestMax;
    for (let from = 0; from < writes.length; from += size) {
      const chunk = writes.slice(from, from + size);
      const done = await this.writeChunk(resource, chunk, context);
      invariant(done.length === chunk.length, `${this.key}: one outcome for each write`);
      outcomes.push(...done);
      const refusal = done.find(isRefusedAltogether);
      if (refusal === undefined) continue;
      outcomes.push(...writes.slice(from + size).map(() => refusal));
      break;
    }
    return outcomes;
  }

  #checkWrite(write: BridgeWrite): void {
    if (write.kind === 'suspend' || write.kind === 'resume')
      invariant(this.capabilities.suspends, `${this.key} cannot ${write.kind} an item`);
    if (write.kind === 'update')
      for (const field of write.fields)
        invariant(
          this.capabilities.writable.includes(field),
          `${this.key} cannot write the field ${field}`,
        );
  }

  /**
   * Reads pages until there is no next one.
   * @throws BridgeError `invalid-response` after `pagesMax` pages, or where a page names itself or an
   * earlier page as the next one: an endless listing must not become an endless pass.
   */
  protected async collectPages<T, Link extends string>(
    first: Link,
    read: (link: Link) => Promise<Page<T, Link>>,
    pagesMax: number,
  ): Promise<readonly T[]> {
    const items: T[] = [];
    const seen = new Set<Link>();
    let link: Link | undefined = first;
    while (link !== undefined) {
      if (seen.has(link) || seen.size >= pagesMax)
        throw new BridgeError(
          'invalid-response',
          `${this.key}: a listing did not end after ${seen.size} pages`,
        );
      seen.add(link);
      const page: Page<T, Link> = await read(link);
      items.push(...page.items);
      link = page.next;
    }
    return items;
  }
}

/**
 * Whoever is told to wait, or to sign in, or got no answer at all, does not ask again for each of the
 * writes that are left: each would wait its whole time. An answer such as 500 may be about one event.
 */
function isRefusedAltogether(outcome: WriteOutcome): boolean {
  if (outcome.kind !== 'failed') return false;
  const { kind, status } = outcome.error;
  return (
    kind === 'throttled' ||
    kind === 'auth-rejected' ||
    (kind === 'unavailable' && status === undefined)
  );
}
