/** The fields of a request body, or why it cannot be read. */
export type Body = { ok: true; fields: Record<string, unknown> } | { ok: false; error: string };

/** Reads JSON where the content type says so, else a form (`name[]` repeats make a list). */
export async function readBody(
  request: Request,
  options: { mayBeBlank?: boolean } = {},
): Promise<Body> {
  const text = await request.text();
  if (text === '' && options.mayBeBlank === true) return { ok: true, fields: {} };
  if (request.headers.get('content-type')?.includes('application/json') !== true)
    return { ok: true, fields: parseForm(text) };
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return { ok: true, fields: isObject ? (value as Record<string, unknown>) : {} };
  } catch {
    return { ok: false, error: 'Invalid JSON format' };
  }
}

function parseForm(text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (!name.endsWith('[]')) {
      fields[name] = value;
      continue;
    }
    const list = fields[name.slice(0, -2)];
    fields[name.slice(0, -2)] = Array.isArray(list) ? [...(list as unknown[]), value] : [value];
  }
  return fields;
}

/** What PHP's `empty()` calls empty: a value the real system takes for "not sent". */
export function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === '0' ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** PHP's `(int)`: the leading digits of a text, else 0. */
export function phpInt(value: unknown): number {
  const digits = /^\s*[+-]?\d+/.exec(String(value));
  return digits === null ? 0 : Number(digits[0]);
}
