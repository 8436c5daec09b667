/** The invariants, by the names that a failure is printed with. */
export const INVARIANTS = {
  I1: 'no event is lost: what people left alive is on both sides',
  I2: 'no event is there twice on one side',
  I3: 'both sides say what people said last',
  I4: 'nothing of one tenant is in a request, row, message or log of another, and no content at rest',
  I5: 'no echo: a pass over quiet rooms writes nothing, and no more is written than was changed',
  I6: 'nothing is ended that nobody ended, and nothing foreign is written',
  I7: 'of a conflict one side’s whole content is left, on both sides',
  I8: 'a run that says it is completed left nothing undone',
  I9: 'each room that is announced is so by exactly one subscription',
  I10: 'no request to a place before the time it asked us to stay away',
  I11: 'no run writes the rows of a pair that another run has taken',
  I12: 'the key by which a create is known again is used for one copy only',
  L1: 'three passes after the last fault the pair is at peace, and says so',
  L2: 'nobody is mailed',
  X: 'nothing throws that should not',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

/** An invariant that did not hold. Ends the history. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, detail: string) {
    super(`${invariant} (${INVARIANTS[invariant]}): ${detail}`);
    this.invariant = invariant;
  }
}
