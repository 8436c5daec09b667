/** Closes a switch over a union: the compiler refuses it while a member is left out. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}

/** The code contradicts itself. Never a caller's fault; always a defect to report. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** @throws InvariantError where `condition` does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
