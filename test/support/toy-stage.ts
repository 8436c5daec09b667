import { manualClock } from '../../local/simulator-kit/clock.ts';
import { DroppedConnection } from '../../local/simulator-kit/faults.ts';
import type { CalendarBridge } from '../../shared/bridges/bridge.ts';
import type { HttpPorts } from '../../shared/bridges/calls/caller.ts';
import { RestBridge } from '../../shared/bridges/rest/rest-bridge.ts';
import { contactOf, slotOf, type CalendarEvent } from '../../shared/model/event.ts';
import type { EventContent } from '../../shared/model/fields.ts';
import type { BridgeKey, ExternalId, ResourceId } from '../../shared/model/ids.ts';
import type { TimeZoneId } from '../../shared/model/time.ts';
import { readAddedBridges } from '../../shared/tenants/added-bridges.ts';
import { SettingReader } from '../../shared/tenants/setting-reader.ts';
import type { BridgeSettings } from '../../shared/tenants/tenant-config.ts';
import type { Instant } from '../../shared/util/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { CONTRACT_NOW, type BridgeHarness } from './bridge-contract.ts';
import { guideBlock, settingsIn } from './guide.ts';
import { ToyCalendar, type ToyOptions } from './toy-calendar.ts';

export const TOY = 'toy' as BridgeKey;
export const SPACE = 'hall' as ResourceId;
export const OTHER_SPACE = 'attic' as ResourceId;
export const OSLO = 'Europe/Oslo' as TimeZoneId;

/** The settings of the toy calendar as the guide has them. */
export function toySettings(): BridgeSettings {
  const environment = settingsIn(guideBlock('settings'));
  const settings = readAddedBridges(new SettingReader(environment), '').get(TOY);
  if (settings === undefined) throw new Error('the guide does not add the bridge toy');
  return settings;
}

/** A toy calendar of its own, and what a bridge needs to reach it. */
export class ToyStage {
  readonly clock = manualClock(CONTRACT_NOW);
  readonly toy: ToyCalendar;
  readonly ports: HttpPorts;

  constructor(options: Partial<ToyOptions> = {}) {
    this.toy = new ToyCalendar({ clock: this.clock, spaces: [SPACE, OTHER_SPACE], ...options });
    this.ports = {
      fetch: async (request) => {
        try {
          return await this.toy.fetch(request);
        } catch (error) {
          if (!(error instanceof DroppedConnection)) throw error;
          throw new TypeError('fetch failed', { cause: error });
        }
      },
      clock: { now: () => this.clock.now() as Instant },
      logger: silentLogger,
    };
  }

  settings(): Readonly<Record<string, string>> {
    return toySettings().values;
  }

  /** A bridge by the settings of the guide, in which some values are other ones. */
  bridge(values: Readonly<Record<string, string>> = {}): RestBridge {
    const settings = toySettings();
    return new RestBridge(
      TOY,
      { ...settings, values: { ...settings.values, ...values } },
      this.ports,
    );
  }

  harness(bridge: CalendarBridge): BridgeHarness {
    const { toy } = this;
    const change = (
      id: ExternalId,
      members: Parameters<ToyCalendar['change']>[1],
    ): Promise<void> => {
      toy.change(id, members);
      return Promise.resolve();
    };
    return {
      bridge,
      resource: SPACE,
      timeZone: OSLO,
      personCreates: (content) =>
        Promise.resolve(toy.book(SPACE, membersOf(content)).key as ExternalId),
      personChanges: (id, content) => change(id, membersOf(content)),
      personRemoves: (id) => change(id, { state: 'cancelled' }),
      personMovesAway: (id) => change(id, { space: OTHER_SPACE }),
      breakNext: (how) => {
        const body = how === 'html' ? '<!doctype html><title>Login</title>' : '{"payload": {';
        toy.faults.add({ match: {}, times: 1, body });
        return Promise.resolve();
      },
    };
  }
}

function membersOf(content: Partial<EventContent>): Parameters<ToyCalendar['change']>[1] {
  const event = { title: '', description: '', ...content } as CalendarEvent;
  const seconds = ({ start, end }: ReturnType<typeof slotOf>) => ({
    from: start / 1000,
    until: end / 1000,
  });
  const { name = '', email = '' } = contactOf(event) ?? {};
  return {
    what: {
      ...(content.title === undefined ? {} : { headline: content.title }),
      ...(content.description === undefined ? {} : { notes: content.description }),
    },
    ...(content.start === undefined ? {} : { when: seconds(slotOf(event, OSLO)) }),
    ...(content.participants === undefined ? {} : { who: { name, mail: email } }),
  };
}
