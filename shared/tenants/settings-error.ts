/** The settings do not let the service run. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  /** One sentence for each bad setting, its name first, without values. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`bad settings: ${problems.join('; ')}`);
    this.problems = problems;
  }
}
