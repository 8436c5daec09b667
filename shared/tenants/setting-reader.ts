import type * as z from 'zod';

/** Settings by name, as the process was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a setting must look. `expected` goes into the message and must make sense without its value. */
export interface SettingRule<T> {
  readonly schema: z.ZodType<T, string>;
  readonly expected: string;
}

export interface Setting<T> {
  /** Spellings of one setting. Where several are set they must say the same. */
  readonly names: readonly [string, ...string[]];
  /** Asked where none of `names` is set. */
  readonly defaults?: readonly string[];
  readonly rule: SettingRule<T>;
}

/**
 * Reads settings and gathers what is wrong with them, so that one message can name every bad one.
 * A value never appears in a problem: a secret is easily pasted into the wrong setting.
 */
export class SettingReader {
  readonly problems: string[] = [];
  readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** Undefined where it is not set, or is set badly (which is then a problem). */
  optional<T>(setting: Setting<T>): T | undefined {
    const set = setting.names.filter((name) => this.#valueOf(name) !== undefined);
    const [first, ...others] = set;
    const differing = others.find((other) => this.#valueOf(other) !== this.#valueOf(first ?? ''));
    if (first !== undefined && differing !== undefined)
      return this.#report(`${first} and ${differing} are two names of one setting, and differ`);
    const name = first ?? setting.defaults?.find((other) => this.#valueOf(other) !== undefined);
    const value = name === undefined ? undefined : this.#valueOf(name);
    if (name === undefined || value === undefined) return undefined;
    if (value.startsWith('@Microsoft.KeyVault('))
      return this.#report(
        `${name} is a Key Vault reference that was not resolved: ` +
          'let the identity of the app read the secret, then restart',
      );
    const parsed = setting.rule.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    return this.#report(`${name} is not valid: expected ${setting.rule.expected}`);
  }

  /** As `optional`, but not being set is a problem as well. */
  required<T>(setting: Setting<T>): T | undefined {
    if (this.isSet(setting)) return this.optional(setting);
    const [first, ...others] = [...setting.names, ...(setting.defaults ?? [])];
    const alternatives = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
    return this.#report(
      `${first ?? ''}${alternatives} is missing: expected ${setting.rule.expected}`,
    );
  }

  isSet({ names, defaults = [] }: Setting<unknown>): boolean {
    return [...names, ...defaults].some((name) => this.#valueOf(name) !== undefined);
  }

  report(problem: string): void {
    this.problems.push(problem);
  }

  #report(problem: string): undefined {
    this.problems.push(problem);
    return undefined;
  }

  /** An empty setting is none: templates of settings often leave names behind without a value. */
  #valueOf(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }
}
