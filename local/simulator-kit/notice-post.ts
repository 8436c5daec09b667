import type { Send } from './notice-weather.ts';

/** Graph and the booking system alike give up after so long. */
const ANSWER_MS = 10_000;

/** What one POST of notices is made of. */
export interface NoticePost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The status that it was answered with; 0 where no answer came in time. */
export async function statusOfPost(send: Send, { url, ...post }: NoticePost): Promise<number> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  return await send(new Request(url, { method: 'POST', ...post, signal })).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.status;
    },
    () => 0,
  );
}

export function isTaken(status: number): boolean {
  return status >= 200 && status < 300;
}
