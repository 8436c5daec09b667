import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../cli/options.ts';

const ENVIRONMENT = { BRIDGE_URL: 'https://bridge.example', BRIDGE_API_KEY: 'a-key-of-somebody' };

function invoked(...argv: readonly string[]) {
  const parsed = parseCommandLine(argv, ENVIRONMENT);
  if (parsed.kind !== 'invocation') throw new Error('it asked for help');
  return parsed.invocation;
}

describe('the words of a command', () => {
  it.each([
    '-Dq3xKbYPLV6TW4bN9CKuO',
    '--q3xKbYPLV6TW4bN9CKuO:a',
    '-Dq3xKbYPLV6TW4bN9CKuO.a.deletions.mpqv3k2g',
  ])('may be an id that begins with a dash: %s', (id) => {
    const given = invoked('reject', id, '--reason', 'the list was cut short', '--json');
    expect(given.args).toEqual([id]);
    expect(given.flags).toMatchObject({ reason: 'the list was cut short', json: true });
  });

  it('are no ids where an option takes them', () => {
    const given = invoked('reject', 'a-hold', '--reason=-as it was said so often before');
    expect(given.flags.reason).toBe('-as it was said so often before');
    expect(() => invoked('verify', '--tenant', '-Dq3xKbYPLV6TW4bN9CKuO')).toThrow('ambiguous');
  });

  it('may stand behind two dashes', () => {
    expect(invoked('verify', '--', '-Dq3xKbYPLV6TW4bN9CKuO').args).toEqual([
      '-Dq3xKbYPLV6TW4bN9CKuO',
    ]);
  });

  it('are refused where they are no option and no id', () => {
    expect(() => invoked('verify', '-D')).toThrow("Unknown option '-D'");
    expect(() => invoked('verify', '--deeper')).toThrow("Unknown option '--deeper'");
  });
});
