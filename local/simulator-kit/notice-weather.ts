import { Hono } from 'hono';
import * as z from 'zod';

/** `fetch`, for what a simulated system itself asks: handshakes and notices. */
export type Send = (request: Request) => Promise<Response>;

/** What goes wrong with notices, as shares from 0 to 1. */
export interface NoticeWeather {
  /** How long each waits before it is sent, in ms. */
  readonly delayMs: number;
  readonly doubled: number;
  readonly lost: number;
  /** Sent later than others that are younger, by up to `lateMs`. */
  readonly reordered: number;
  readonly lateMs: number;
}

export const FAIR: NoticeWeather = {
  delayMs: 0,
  doubled: 0,
  lost: 0,
  reordered: 0,
  lateMs: 2_000,
};

/** What becomes of one notice: how long each of its copies waits, in ms. None: it is lost. */
export function fateOf(weather: NoticeWeather, random: () => number): readonly number[] {
  const { delayMs, doubled, lost, reordered, lateMs } = weather;
  if (random() < lost) return [];
  const copies = random() < doubled ? 2 : 1;
  return Array.from({ length: copies }, () => {
    const isLate = random() < reordered;
    return delayMs + (isLate ? Math.floor(random() * lateMs) : 0);
  });
}

const Share = z.number().min(0).max(1);
const WeatherSchema = z.strictObject({
  delayMs: z.int().nonnegative().exactOptional(),
  doubled: Share.exactOptional(),
  lost: Share.exactOptional(),
  reordered: Share.exactOptional(),
  lateMs: z.int().nonnegative().exactOptional(),
});

/** `GET /notices`: what became of them; `POST /notices`: what goes wrong from now on. */
export function noticeRoutes(notices: { weather: NoticeWeather; counts(): object }): Hono {
  const app = new Hono();
  app.get('/notices', (c) => c.json({ weather: notices.weather, counts: notices.counts() }));
  app.post('/notices', async (c) => {
    const weather = WeatherSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!weather.success) return c.json({ error: z.prettifyError(weather.error) }, 400);
    notices.weather = { ...FAIR, ...weather.data };
    return c.json({ weather: notices.weather });
  });
  return app;
}
