import type { Focus } from './history.ts';

/** A text of a source, and what stands in its place. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A way to break the product. */
export interface Mutant extends Edit {
  readonly name: string;
  /** Where a second guard keeps what the first one lets through, it is broken as well. */
  readonly also?: readonly Edit[];
  /** What its moments need, where few histories have them. */
  readonly focus?: Focus;
}

const PLAN = 'shared/sync/plan';
const SYNC = 'shared/sync';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a cancellation is noted before it is made',
    file: 'shared/bridges/booking/booking-writes.ts',
    from: 'await this.#api.setActive(id, 0, this.#context);\n    await this.#note(',
    to: 'await this.#api.updateEvent(id, { description: CANCELLATION_NOTE }, this.#context);\n    await this.#api.setActive(id, 0, this.#context);\n    await this.#note(',
  },
  {
    name: 'an unanswered update is forgotten',
    file: `${PLAN}/view.ts`,
    from: 'now[field] !== known.sent?.[field],',
    to: 'true,',
    focus: {
      faults: ['time-out-after', 'cut-after', 'batch-item-failed-after'],
      rate: 0.08,
      acts: ['rename'],
      creates: 2,
    },
  },
  {
    name: 'the answer to an update is taken as it is',
    file: `${PLAN}/outcome.ts`,
    from: '[target]: writtenState(state, action, item),',
    to: '[target]: sideStateOf(state, item, mapping[target]),',
    focus: { faults: ['edit-under-a-write'], rate: 0.3 },
  },
  {
    name: 'a copy that could not be made again counts as ended',
    file: `${PLAN}/view.ts`,
    from: 'return wanted === side || createIntent?.target === side;',
    to: 'return wanted === side && createIntent === null;',
  },
  {
    name: 'a deletion is not noted before it is made',
    file: `${SYNC}/applying.ts`,
    from: 'await ledger.commit(chunk.map((action) => endingCopy(state, action)));',
    to: '',
  },
  {
    name: 'the second side’s wait is dropped',
    file: `${SYNC}/reading.ts`,
    from: 'throw new SideError(first.side, first.error, second);',
    to: 'throw first;',
    focus: { faults: ['throttled-seconds', 'throttled-date'], rate: 0.4 },
  },
  {
    name: 'a run goes round in spite of a wait',
    file: `${SYNC}/orchestrator.ts`,
    from: 'overtaken && round < ROUNDS_MAX && !hasWait(result)',
    to: 'overtaken && round < ROUNDS_MAX',
    also: [
      {
        file: 'shared/bridges/outlook/mailbox-waits.ts',
        from: 'if (retryAfterMs <= 0) return;',
        to: 'if (retryAfterMs >= 0) return;',
      },
      {
        file: 'shared/bridges/calls/caller.ts',
        from: 'if (pauseMs <= 0) return;',
        to: 'if (pauseMs >= 0) return;',
      },
    ],
    focus: {
      faults: ['throttled-seconds', 'batch-item-throttled', 'edit-under-a-write'],
      rate: 0.3,
      acts: ['rename'],
      creates: 2,
    },
  },
  {
    name: 'cursors move although something failed',
    file: `${SYNC}/cursors.ts`,
    from: 'pass.finished ? nextRow',
    to: 'true ? nextRow',
  },
  {
    name: 'any refusal of Graph is a deletion',
    file: 'shared/bridges/outlook/outlook-items.ts',
    from: "if (isItemMissing(refusal)) return { kind: 'gone' };",
    to: "if (refusal.status !== 0) return { kind: 'gone' };",
  },
  {
    name: 'only the first page is read',
    file: 'shared/bridges/outlook/graph-delta.ts',
    from: 'if (nextLink !== undefined || deltaLink === undefined) continue;\n    const cursor: z.output<typeof CursorSchema> = { window: window.version, link: deltaLink };',
    to: "const cursor: z.output<typeof CursorSchema> = { window: window.version, link: deltaLink ?? nextLink ?? '' };",
  },
  {
    name: 'an expired cursor is kept',
    file: `${SYNC}/reading.ts`,
    from: "error.kind !== 'cursor-expired') throw error;",
    to: "error.kind !== 'not-found') throw error;",
  },
  {
    name: 'Retry-After is not remembered',
    file: `${SYNC}/run-facts.ts`,
    from: '  if (!(error instanceof SideError)) return before;',
    to: '  if (now > 0) return before;\n  if (!(error instanceof SideError)) return before;',
  },
  {
    name: 'updates carry no condition',
    file: 'shared/bridges/outlook/outlook-writer.ts',
    from: '{ ifMatch: version.etag } : {}',
    to: '{} : {}',
    focus: { faults: ['edit-under-a-write'], rate: 0.3, acts: ['rename', 'remove'] },
  },
  {
    name: 'silence is a deletion',
    file: `${PLAN}/view.ts`,
    from: "      : ask(inquiry, side, known.id, 'missing', known.missingSince);\n  }",
    to: "      : { is: 'gone' };\n  }",
  },
  {
    name: 'the direction of a pair is ignored',
    file: `${PLAN}/decide.ts`,
    from: "a: direction !== 'aToB' && full('a')",
    to: "a: direction !== undefined && full('a')",
  },
  {
    name: 'a digest outlives a write',
    file: `${SYNC}/cursors.ts`,
    from: 'pass.moved.has(side) &&',
    to: 'false &&',
  },
  {
    name: 'tenants share bridges',
    file: 'shared/bridges/tenant-bridge-registry.ts',
    from: 'this.#byTenant.get(tenant.id)',
    to: '[...this.#byTenant.values()][0]',
  },
  {
    name: 'a timer reaches the first pair only',
    file: `${SYNC}/jobs.ts`,
    from: '.filter(isRunnable);',
    to: '.filter(isRunnable).slice(0, 1);',
  },
  {
    name: 'a failed write counts as done',
    file: `${SYNC}/application.ts`,
    from: "if (outcome.kind === 'failed') return 'failed';",
    to: "if (outcome.kind === 'failed') return 'applied';",
  },
  {
    name: 'intents are not looked for',
    file: `${PLAN}/match.ts`,
    from: '    matchIntents(bench, side);\n',
    to: '',
  },
  {
    name: 'stamps are not looked for',
    file: `${PLAN}/match.ts`,
    from: '    matchStamps(bench, side);\n',
    to: '',
  },
  {
    name: 'a lease is never held',
    file: 'shared/stores/pair-rows.ts',
    from: 'holding.expiresAt > clock.now()',
    to: 'holding.expiresAt < 0',
  },
  {
    name: 'equal events are not adopted',
    file: `${PLAN}/match.ts`,
    from: '  adoptEqual(bench);\n',
    to: '',
  },
  {
    name: 'an item that holds other rooms is ended',
    file: `${PLAN}/rows.ts`,
    from: "item !== 'unseen' && (item.sharedWith ?? []).length > 0",
    to: "item !== 'unseen' && (item.sharedWith ?? []).length > 99",
  },
  {
    name: 'what is past is ended',
    file: `${PLAN}/rows.ts`,
    from: 'if (end !== undefined && end <= c.inquiry.state.now)',
    to: 'if (end !== undefined && end <= 0)',
    focus: { faults: [], rate: 0, acts: ['create-soon', 'remove'], creates: 2 },
  },
  {
    name: 'logs hold titles',
    file: `${PLAN}/rows.ts`,
    from: 'reason: `the event was ended on side ${lost}`,',
    to: "reason: item === 'unseen' ? 'x' : item.event.title,",
  },
  {
    name: 'a create is sent without its intent',
    file: `${SYNC}/applying.ts`,
    from: '      await ledger.commit(chunk.map((action) => intended(state, action)));\n',
    to: '',
  },
  {
    name: 'a read that failed is an empty list',
    file: `${SYNC}/reading.ts`,
    from: 'reading;\n  } catch (error) {\n',
    to: "reading;\n  } catch (error) {\n    if (error instanceof BridgeError)\n      return readingOf(plan, { kind: 'complete', window: plan.window, items: [] }, undefined);\n",
  },
  {
    name: 'the end of a copy does not raise the generation',
    file: `${PLAN}/mapping-change.ts`,
    from: 'generation: mapping.generation + 1,',
    to: 'generation: mapping.generation,',
    focus: { faults: [], rate: 0, acts: ['remove', 'restore'], creates: 2 },
  },
  {
    name: 'an exchange that is half-way is told as done',
    file: `${SYNC}/applying.ts`,
    from: '      this.isHalfWay = true;\n',
    to: '',
    focus: { faults: ['unavailable', 'throttled-seconds'], rate: 0.15, acts: ['swap'] },
  },
  {
    name: 'a commit takes the lease as it finds it',
    file: 'shared/stores/held-lease.ts',
    from: '        etag: this.#etag,\n      };',
    to: '        etag: (await table.get(partitionKey, CONTROL.lease))?.etag ?? this.#etag,\n      };',
    focus: { faults: ['stall', 'message-doubled'], rate: 0.4 },
  },
];
