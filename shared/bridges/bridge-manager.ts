import type { BridgeKey } from '../model/ids.ts';
import type { BridgeSettings, TenantConfig } from '../tenants/tenant-config.ts';
import type { CalendarBridge } from './bridge.ts';
import type { NoticeFormat } from './notice-format.ts';

/**
 * Makes a bridge of one kind. It has its ports from where it was registered.
 * @throws BridgeSettingsError where no bridge can be made from the settings.
 */
export type BridgeFactory = (
  key: BridgeKey,
  settings: BridgeSettings,
  tenant: TenantConfig,
) => CalendarBridge;

/** A bridge is asked for that the tenant does not have, or of a kind nobody registered. */
export class UnknownBridgeError extends Error {
  override readonly name = 'UnknownBridgeError';
  /** The name asked for. */
  readonly bridge: string;
  /** Names that would have done. */
  readonly known: readonly string[];

  constructor(what: 'bridge' | 'kind of bridge', bridge: string, known: readonly string[]) {
    super(`no ${what} ${JSON.stringify(bridge)}; there is: ${known.join(', ') || 'none'}`);
    this.bridge = bridge;
    this.known = known;
  }
}

/** One bad value of a bridge's settings. `message` never repeats the value: it may be a secret. */
export interface SettingIssue {
  readonly name: string;
  readonly message: string;
}

/** Settings a bridge cannot be made from. */
export class BridgeSettingsError extends Error {
  override readonly name = 'BridgeSettingsError';
  readonly issues: readonly SettingIssue[];

  constructor(issues: readonly SettingIssue[]) {
    super(`bad settings: ${issues.map(({ name, message }) => `${name} ${message}`).join('; ')}`);
    this.issues = issues;
  }
}

/** Names that clients of the earlier service use for a bridge. */
const ALIASES: ReadonlyMap<string, string> = new Map([['booking', 'booking_system']]);

/** The catalogue of calendar systems: a bridge is added by registering its kind, and configuration. */
export class BridgeManager {
  readonly #factories = new Map<string, BridgeFactory>();
  readonly #notices = new Map<string, (settings: BridgeSettings) => NoticeFormat>();

  /**
   * @param notices How systems of the kind announce; left out, they do not.
   * @throws Error where the kind is registered already: two owners would hide each other.
   */
  register(
    kind: string,
    factory: BridgeFactory,
    notices?: (settings: BridgeSettings) => NoticeFormat,
  ): this {
    if (this.#factories.has(kind)) throw new Error(`the bridge kind ${kind} is registered twice`);
    this.#factories.set(kind, factory);
    if (notices !== undefined) this.#notices.set(kind, notices);
    return this;
  }

  /** How the system behind the settings announces, by its kind: no bridge is made for that. */
  noticeFormat(settings: BridgeSettings): NoticeFormat | undefined {
    return this.#notices.get(settings.kind)?.(settings);
  }

  kinds(): readonly string[] {
    return [...this.#factories.keys()];
  }

  /**
   * The key of one of the tenant's bridges by its name or alias.
   * @throws UnknownBridgeError
   */
  resolve(tenant: TenantConfig, name: string): BridgeKey {
    // A tenant's own name wins over an alias, which only helps where nothing else is called so.
    const key = [name, ALIASES.get(name) ?? name].find((candidate) =>
      tenant.bridges.has(candidate as BridgeKey),
    );
    if (key !== undefined) return key as BridgeKey;
    throw new UnknownBridgeError('bridge', name, [...tenant.bridges.keys()]);
  }

  /**
   * A new bridge of the tenant's own settings; `TenantBridgeRegistry` keeps them.
   * @throws UnknownBridgeError, BridgeSettingsError
   */
  create(tenant: TenantConfig, name: string): CalendarBridge {
    const key = this.resolve(tenant, name);
    const settings = tenant.bridges.get(key);
    const factory = settings === undefined ? undefined : this.#factories.get(settings.kind);
    if (settings === undefined || factory === undefined)
      throw new UnknownBridgeError('kind of bridge', settings?.kind ?? key, this.kinds());
    return factory(key, settings, tenant);
  }
}
