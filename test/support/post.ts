import { setTimeout as pause } from 'node:timers/promises';

/** A system that is asked too much at once names a second or so; one that does it so often is broken. */
const TRIES_MAX = 60;

/**
 * Sends JSON, and answers the body as it was parsed. A mailbox takes four calls at once, the bridge's
 * among them: where there is no place, it is sent again after the rest that was asked for.
 * @throws Error with the status and what was said, where it is no success
 */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    const answer = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.ok) return text === '' ? undefined : JSON.parse(text);
    if (answer.status !== 429 || tries === TRIES_MAX)
      throw new Error(`${method} ${url.split('?')[0] ?? ''}: ${answer.status} ${text}`);
    await pause(Number(answer.headers.get('retry-after') ?? 1) * 1000);
  }
}
