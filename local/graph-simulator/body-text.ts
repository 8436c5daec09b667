import type { ItemBody } from './model.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/** The body as text: what was written as text comes back as it was. */
export function bodyAsText({ contentType, content }: ItemBody): string {
  return contentType === 'text' ? content : textOfHtml(content);
}

/** The body as a whole HTML document, as Exchange answers without a preference. */
export function bodyAsHtml({ contentType, content }: ItemBody): string {
  if (content === '') return '';
  const html =
    contentType === 'html' ? content : `<div class="PlainText">${escaped(content)}</div>`;
  return /<html[\s>]/i.test(html) ? html : `<html><head></head><body>${html}</body></html>`;
}

/** The first 255 characters of the text on one line. */
export function bodyPreview(body: ItemBody): string {
  return bodyAsText(body).trim().slice(0, 255);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\r?\n/g, '<br>\n');
}

function textOfHtml(html: string): string {
  return html
    .replaceAll(/<(head|style|script)[\s>][\s\S]*?<\/\1>/gi, '')
    .replaceAll(/\r?\n/g, ' ')
    .replaceAll(/<br\s*\/?>\s?/gi, '\n')
    .replaceAll(/<\/(?:p|div|li|tr|h[1-6])>\s?/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(#\d+|#x[\da-f]+|\w+);/gi, decoded)
    .trimEnd();
}

function decoded(entity: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? entity;
  const isHex = name[1]?.toLowerCase() === 'x';
  const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}
