const TAG = /<\/?(?:a|b|br|div|em|font|h[1-6]|hr|i|li|ol|p|pre|span|strong|u|ul)(?:\s[^>]*)?\/?>/gi;
const LINE_END = /<(?:br|hr)\s*\/?>|<\/(?:div|h[1-6]|li|p|pre)>/gi;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
};

/** What the editor makes: block elements from the first character to the last. */
const EDITED = /^\s*<(p|div|ul|ol|h[1-6])(\s[^>]*)?>[^]*<\/(p|div|ul|ol|h[1-6])>\s*$/i;

/**
 * The plain text of a description. The booking system's own editor stores HTML; what REST wrote is
 * plain. Only a text that is HTML from end to end is taken for it, so that a plain one with `<b>` or
 * `&amp;` in it comes back as it was. Lines end with `\n`.
 */
export function plainText(text: string): string {
  const lines = text.replaceAll(/\r\n?/g, '\n');
  if (!EDITED.test(lines)) return lines;
  return lines
    .replaceAll(/>\s*\n\s*/g, '>')
    .replaceAll(LINE_END, '\n')
    .replaceAll(TAG, '')
    .replaceAll(/&(#x?[\da-f]+|[a-z]+);/gi, (entity, name: string) => decoded(name) ?? entity)
    .trim();
}

function decoded(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? [];
  if (hex === undefined && decimal === undefined) return ENTITIES[name.toLowerCase()];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined;
}

/**
 * A text of at most `charsMax` characters and `bytesMax` bytes of UTF-8: the booking system's PHP
 * checks bytes, so a Norwegian letter counts twice. Never half a character.
 */
export function cutToFit(text: string, charsMax: number, bytesMax: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax || kept.length + character.length > charsMax) break;
    kept += character;
  }
  return kept.trimEnd();
}
