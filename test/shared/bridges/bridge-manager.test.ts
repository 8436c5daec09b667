import { describe, expect, it } from 'vitest';
import { bookingNotices } from '../../../shared/bridges/booking/booking-bridge.ts';
import { PORTICO_NOTICES } from '../../../shared/bridges/booking/portico-notices.ts';
import type { CalendarBridge } from '../../../shared/bridges/bridge.ts';
import { BridgeManager, UnknownBridgeError } from '../../../shared/bridges/bridge-manager.ts';
import { MemoryBridge } from '../../../shared/bridges/memory-bridge.ts';
import { REST_NOTICES } from '../../../shared/bridges/rest/rest-notices.ts';
import { TenantBridgeRegistry } from '../../../shared/bridges/tenant-bridge-registry.ts';
import type { BridgeKey, TenantId } from '../../../shared/model/ids.ts';
import type { TimeZoneId } from '../../../shared/model/time.ts';
import type { BridgeSettings, TenantConfig } from '../../../shared/tenants/tenant-config.ts';
import { systemClock } from '../../../shared/util/clock.ts';

const BOOKING: BridgeSettings = { kind: 'memory', values: { owner: 'a' } };

function tenantOf(id: string, bridges: Record<string, BridgeSettings>): TenantConfig {
  return {
    id: id as TenantId,
    name: id,
    timeZone: 'Europe/Oslo' as TimeZoneId,
    locale: 'nb',
    windowPastDays: 1,
    windowFutureDays: 180,
    syncFrequencyMinutes: 0,
    slowPollMinutes: 60,
    copiesFree: false,
    copiesPrivate: false,
    priority: 'medium',
    offsetMinutes: 0,
    bridges: new Map(Object.entries(bridges) as [BridgeKey, BridgeSettings][]),
    apiKeyHashes: [],
    fingerprintKey: new Uint8Array(32),
  };
}

/** A manager that knows one kind, and what each bridge was made from. */
function catalogue() {
  const made: { key: BridgeKey; settings: BridgeSettings; tenant: TenantId }[] = [];
  const manager = new BridgeManager().register('memory', (key, settings, tenant) => {
    made.push({ key, settings, tenant: tenant.id });
    return new MemoryBridge({ clock: systemClock, resources: [], key });
  });
  return { manager, made };
}

function failure(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe('the catalogue of bridges', () => {
  it('makes a bridge of a registered kind from the tenant’s own settings', () => {
    const { manager, made } = catalogue();
    const tenant = tenantOf('a', { booking_system: BOOKING });
    expect(manager.kinds()).toEqual(['memory']);
    expect(manager.create(tenant, 'booking_system').key).toBe('booking_system');
    expect(made).toEqual([{ key: 'booking_system', settings: BOOKING, tenant: 'a' }]);
  });

  it('knows how systems of a kind announce, where they do', () => {
    const factory = (): never => {
      throw new Error('no bridge is needed');
    };
    const manager = new BridgeManager()
      .register('booking', factory, bookingNotices)
      .register('silent', factory);
    const of = (kind: string, values: Record<string, string> = {}) =>
      manager.noticeFormat({ kind, values });
    expect(of('booking', { profile: 'portico' })).toBe(PORTICO_NOTICES);
    expect(of('booking', { profile: 'generic' })).toBe(REST_NOTICES);
    expect([of('silent'), of('nobody')]).toEqual([undefined, undefined]);
  });

  it('knows the short name of the booking system, unless a bridge is called so', () => {
    const { manager } = catalogue();
    const one = tenantOf('a', { booking_system: BOOKING });
    expect(manager.resolve(one, 'booking')).toBe('booking_system');
    const both = tenantOf('a', { booking_system: BOOKING, booking: BOOKING });
    expect(manager.resolve(both, 'booking')).toBe('booking');
  });

  it.each(['outlook', '', 'booking_system ', '__proto__'])('has no bridge %j', (name) => {
    const { manager } = catalogue();
    const tenant = tenantOf('a', { booking_system: BOOKING });
    const error = failure(() => manager.create(tenant, name));
    expect(error).toBeInstanceOf(UnknownBridgeError);
    expect(error).toMatchObject({ bridge: name, known: ['booking_system'] });
  });

  it('says which kinds there are where a kind is not registered', () => {
    const { manager } = catalogue();
    const tenant = tenantOf('a', { caldav: { kind: 'caldav', values: { password: 'secret' } } });
    const error = failure(() => manager.create(tenant, 'caldav'));
    expect(error).toBeInstanceOf(UnknownBridgeError);
    expect(String(error)).toBe('UnknownBridgeError: no kind of bridge "caldav"; there is: memory');
  });

  it('refuses a kind that is registered already', () => {
    const { manager } = catalogue();
    const again = (): unknown => manager.register('memory', () => ({}) as CalendarBridge);
    expect(again).toThrow('registered twice');
  });
});

describe('the bridges in use', () => {
  it('are kept while their settings are the same', () => {
    const { manager, made } = catalogue();
    const registry = new TenantBridgeRegistry(manager);
    const tenant = tenantOf('a', { booking_system: BOOKING, other: BOOKING });
    const bridge = registry.get(tenant, 'booking_system');
    expect(registry.get(tenant, 'booking')).toBe(bridge);
    expect(registry.get({ ...tenant, name: 'renamed' }, 'booking_system')).toBe(bridge);
    expect(registry.get(tenant, 'other')).not.toBe(bridge);
    expect(made).toHaveLength(2);
  });

  it('are made anew when their settings are others', () => {
    const { manager, made } = catalogue();
    const registry = new TenantBridgeRegistry(manager);
    const first = registry.get(tenantOf('a', { booking_system: BOOKING }), 'booking_system');
    const rotated = { ...BOOKING, values: { owner: 'rotated' } };
    const tenant = tenantOf('a', { booking_system: rotated });
    const second = registry.get(tenant, 'booking_system');
    expect(second).not.toBe(first);
    expect(registry.get(tenant, 'booking_system')).toBe(second);
    expect(made.map(({ settings }) => settings.values['owner'])).toEqual(['a', 'rotated']);
  });

  it('are never another tenant’s, though key and settings are the same', () => {
    const { manager, made } = catalogue();
    const registry = new TenantBridgeRegistry(manager);
    const [a, b] = [
      tenantOf('a', { booking_system: BOOKING }),
      tenantOf('b', { booking_system: BOOKING }),
    ];
    const bridges = [a, b, a, b].map((tenant) => registry.get(tenant, 'booking_system'));
    expect(bridges[0]).not.toBe(bridges[1]);
    expect(bridges.slice(2)).toEqual(bridges.slice(0, 2));
    expect(made.map(({ tenant }) => tenant)).toEqual(['a', 'b']);
  });

  it('are gone with their settings', () => {
    const { manager } = catalogue();
    const registry = new TenantBridgeRegistry(manager);
    registry.get(tenantOf('a', { booking_system: BOOKING }), 'booking_system');
    const call = (): unknown => registry.get(tenantOf('a', {}), 'booking_system');
    expect(failure(call)).toBeInstanceOf(UnknownBridgeError);
  });
});
