/** The host cannot start as it is configured; `problems` has a sentence for each reason. */
export class HostConfigurationError extends Error {
  override readonly name = 'HostConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
