import { describe, expect, it } from 'vitest';
import { cutToFit, plainText } from '../../../shared/bridges/plain-text.ts';

describe('a description', () => {
  it.each([
    ['<p>Sak 1</p>\n<p>Sak&nbsp;2 &amp; 3</p>', 'Sak 1\nSak 2 & 3'],
    ['<div>Kaffe<br />og <b>te</b></div>', 'Kaffe\nog te'],
    ['<ul><li>en</li><li>to</li></ul>', 'en\nto'],
    ['<p class="x">&#230;&#xF8;&aring;&#x110000;</p>', 'æø&aring;&#x110000;'],
  ])('of the web editor becomes plain: %j', (html, plain) => {
    expect(plainText(html)).toBe(plain);
  });

  it.each([
    'Kontakt <kari@example.org>',
    'a < b og c > d',
    'R&amp;D',
    '<b>viktig</b> sak',
    '<p>uten slutt',
    'før <p>midt i</p>',
  ])('that is plain stays as it is: %j', (plain) => {
    expect(plainText(plain)).toBe(plain);
  });

  it('has one kind of line ends', () => {
    expect(plainText('en\r\nto\rtre')).toBe('en\nto\ntre');
  });
});

describe('cutting', () => {
  it.each([
    ['abc', 3, 3, 'abc'],
    ['abcd', 3, 9, 'abc'],
    ['æøå', 9, 5, 'æø'],
    ['🎉🎉', 3, 9, '🎉'],
    ['🎉🎉', 9, 7, '🎉'],
    ['ab c', 3, 9, 'ab'],
  ])('%j to %i characters and %i bytes is %j', (text, chars, bytes, cut) => {
    expect(cutToFit(text, chars, bytes)).toBe(cut);
  });
});
