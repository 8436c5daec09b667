import { describe, expect, it } from 'vitest';
import { parseBookingSettings } from '../../../../shared/bridges/booking/booking-settings.ts';
import { BridgeSettingsError } from '../../../../shared/bridges/bridge-manager.ts';

const VALUES = {
  profile: 'portico',
  baseUrl: 'https://booking.example/portico/',
  login: 'bridge',
  password: 'very secret ',
  domain: 'default',
};

function parse(values: Record<string, string>): unknown {
  return parseBookingSettings({ kind: 'booking', values });
}

describe('settings of a booking system', () => {
  it('have a zone and a language of their own, Oslo and nb where none is given', () => {
    expect(parse(VALUES)).toEqual({
      ...VALUES,
      baseUrl: 'https://booking.example/portico',
      locale: 'nb',
      timeZone: 'Europe/Oslo',
    });
    const others = { timeZone: 'Europe/Stockholm', locale: 'en' };
    expect(parse({ ...VALUES, ...others })).toMatchObject(others);
  });

  it('are refused with every bad name at once, and without any value', () => {
    const { password: _, ...rest } = VALUES;
    const bad = { ...rest, baseUrl: 'ftp://secret.example', login: ' ', timeZone: 'Mars/Base' };
    const attempt = (): unknown => parse(bad);
    expect(attempt).toThrow(BridgeSettingsError);
    expect(attempt).toThrow(/baseUrl.*login.*password.*timeZone/);
    expect(attempt).not.toThrow(/secret|Mars/);
  });

  it('are refused for a profile that is not known', () => {
    expect(() => parse({ ...VALUES, profile: 'other' })).toThrow(
      /profile must be one of: generic, portico/,
    );
    expect(() => parse({})).toThrow(/profile/);
  });
});
