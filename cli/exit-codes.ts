/** What a command's exit code says; the worst of several counts. */
export const EXIT = {
  converged: 0,
  /** Something is still to be done, and will be without anybody. */
  pending: 2,
  /** A person has to decide. */
  held: 3,
  /** Something failed, or nothing explains it. */
  failed: 4,
  /** The command, the address, the key or a name is wrong. */
  configuration: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The gravest of them. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((one, other) => (other > one ? other : one), EXIT.converged);
}

/** What ends a command: told in one line, with what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
