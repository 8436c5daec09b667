import { describe, expect, it } from 'vitest';
import type { RoomComparison } from '../../../local/verify/comparator.ts';
import { verifyReport, type VerifiedRoom } from '../../../local/verify/report.ts';

const NOW = '2026-11-24 09:00';

function room(
  comparison: Partial<RoomComparison> = {},
  heldBack: VerifiedRoom['heldBack'] = {},
): VerifiedRoom {
  return {
    tenant: 'town',
    heldBack,
    comparison: {
      room: { resourceId: '12', mailbox: 'council@town.example' },
      inOutlook: 3,
      inBooking: 3,
      onlyInOutlook: [],
      onlyInBooking: [],
      ...comparison,
    },
  };
}

describe('the report of verify:local', () => {
  it('has a line a room, and says that all are equal', () => {
    const { text, isEqual } = verifyReport([room(), room({ inOutlook: 40, inBooking: 40 })], NOW);
    expect(isEqual).toBe(true);
    expect(text.split('\n')).toEqual([
      'tenant  resource  mailbox               Outlook  booking  past  verdict',
      '------  --------  --------------------  -------  -------  ----  -------',
      'town    12        council@town.example  3        3        0     equal',
      'town    12        council@town.example  40       40       0     equal',
      '',
      '2 rooms, all equal.',
      '',
    ]);
  });

  it('names what only one side has, and what the bridge says of it', () => {
    const late = 'Budget | 2026-11-24 10:00 - 2026-11-24 11:00';
    const more = 'Rent | 2026-12-01 00:00 - 2026-12-02 00:00';
    const { text, isEqual } = verifyReport(
      [room({ onlyInOutlook: [late], onlyInBooking: [more] }, { recurring: 2 })],
      NOW,
    );
    expect(isEqual).toBe(false);
    expect(text).toContain('differs by 2');
    expect(text).toContain(`  only in Outlook: ${late}\n  only in the booking system: ${more}`);
    expect(text).toContain('held back by the bridge: 2 recurring');
    expect(text).toContain('1 of 1 rooms differ.');
  });

  it('does not count what has ended, whatever its title looks like', () => {
    const ended =
      'Moved from | 2099-01-01 10:00 - 2099-01-01 11:00 | 2026-11-24 07:00 - 2026-11-24 09:00';
    expect(verifyReport([room({ onlyInOutlook: [ended] })], NOW)).toMatchObject({ isEqual: true });
    const running = 'Still on | 2026-11-24 07:00 - 2026-11-24 09:01';
    expect(verifyReport([room({ onlyInOutlook: [running] })], NOW)).toMatchObject({
      isEqual: false,
    });
  });

  it('takes a line that it cannot read for a difference', () => {
    expect(verifyReport([room({ onlyInBooking: ['no times here'] })], NOW).isEqual).toBe(false);
  });
});
