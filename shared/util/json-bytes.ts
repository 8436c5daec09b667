/** The value of JSON in UTF-8; undefined where it is none. */
export function jsonOfBytes(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message repeats parts of the text, so it is not passed on.
    return undefined;
  }
}
