import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromChunks, toChunks } from '../../../shared/stores/codecs.ts';
import { VALUE_CHARS_MAX } from '../../../shared/stores/table.ts';

it('keeps long text in values that each fit and are well-formed', () => {
  const lengths = fc.nat({ max: 3 * VALUE_CHARS_MAX });
  fc.assert(
    fc.property(lengths, fc.constantFrom('x', '\u{1f4c5}', 'é\u{1f4c5}'), (length, unit) => {
      const text = `y${unit.repeat(length)}`.slice(0, 1 + unit.length * Math.floor(length / 3));
      const chunks = toChunks('cursor', text, 1_000_000);
      for (const chunk of Object.values(chunks)) {
        expect(String(chunk).length).toBeLessThanOrEqual(VALUE_CHARS_MAX);
        expect(String(chunk).isWellFormed()).toBe(true);
      }
      expect(fromChunks('cursor', chunks)).toBe(text);
    }),
  );
});

it('refuses text that is over its bound', () => {
  expect(Object.keys(toChunks('cursor', 'x'.repeat(10), 10))).toEqual(['cursor0']);
  expect(() => toChunks('cursor', 'x'.repeat(11), 10)).toThrow(
    expect.objectContaining({ kind: 'too-large' }),
  );
});
