/**
 * Sends JSON, and answers the body as it was parsed.
 * @throws Error with the status and what was said, where it is no success
 */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url.split('?')[0] ?? ''}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
