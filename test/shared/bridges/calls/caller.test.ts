import { describe, expect, it } from 'vitest';
import { Caller } from '../../../../shared/bridges/calls/caller.ts';
import { BridgeError } from '../../../../shared/model/errors.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';

function place() {
  const sent: string[] = [];
  let now = 0;
  const caller = new Caller({
    fetch: async ({ url }) => {
      sent.push(url);
      return new Response('{}');
    },
    clock: { now: () => now as Instant },
    logger: silentLogger,
  });
  const advance = (ms: number): void => void (now += ms);
  const send = (path: string, beforeCall = async (): Promise<void> => {}) =>
    caller.send(path, () => new Request(`http://system.test/${path}`), { beforeCall });
  return { caller, sent, advance, send };
}

const WAIT = new BridgeError('throttled', 'asked to wait', { retryAfterMs: 5000 });

describe('a system that asked us to stay away', () => {
  it('is sent nothing until then, and what is refused says how long is left', async () => {
    const { caller, sent, advance, send } = place();
    caller.pause(WAIT, 5000);
    advance(4000);
    await expect(send('early')).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 1000 });
    advance(1000);
    expect(await send('late')).toMatchObject({ status: 200 });
    expect(sent).toEqual(['http://system.test/late']);
  });

  it('is not sent what waited for its lease while another call was told so', async () => {
    const { caller, sent, send } = place();
    const renewing = send('waiting', async () => caller.pause(WAIT, 5000));
    await expect(renewing).rejects.toMatchObject({ kind: 'throttled' });
    expect(sent).toEqual([]);
  });
});
