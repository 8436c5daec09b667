/**
 * The first `charsMax` UTF-16 units of a text, which is what systems count; never half a surrogate
 * pair, since that would come back as another character and look like a person's edit.
 */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const cut = text.slice(0, charsMax);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Plain text as every system gives it back: `\n` line ends, nothing blank at the end. */
export function normaliseText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\s+$/, '');
}
