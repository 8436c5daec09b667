import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../../shared/bridges/bridge.ts';
import { BODY_BYTES_MAX, boundedText } from '../../../../shared/bridges/calls/bounded-body.ts';
import { WINDOW } from '../../../support/bridge-contract.ts';
import { ROOM, world } from '../outlook/support.ts';
import { failureOf, RestStage } from '../rest/rest-stage.ts';

const CHUNK_BYTES = 1024 * 1024;

/** A body that never ends, and how much of it was taken. */
function endless() {
  const chunk = new TextEncoder().encode(' '.repeat(CHUNK_BYTES));
  const taken = { chunks: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      taken.chunks += 1;
      controller.enqueue(chunk);
    },
    cancel: () => {
      taken.isCancelled = true;
    },
  });
  return { body, taken };
}

describe('a body', () => {
  it('is given up where it grows beyond the limit, and not read on', async () => {
    const { body, taken } = endless();
    const error = await failureOf(boundedText('town: GET /x', new Response(body)));
    expect(error).toMatchObject({ kind: 'invalid-response', status: 200 });
    expect(error.message).toBe('town: GET /x: answered with more than 16 MiB');
    expect(taken.isCancelled).toBe(true);
    expect(taken.chunks).toBeLessThan(BODY_BYTES_MAX / CHUNK_BYTES + 4);
  });

  it('is read whole up to the limit, its characters not cut at the seams of its parts', async () => {
    expect((await boundedText('x', new Response('a'.repeat(BODY_BYTES_MAX)))).length).toBe(
      BODY_BYTES_MAX,
    );
    const bytes = new TextEncoder().encode('\uFEFFblåbær');
    const body = new ReadableStream({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await boundedText('x', new Response(body))).toBe('blåbær');
    expect(await boundedText('x', new Response(null, { status: 204 }))).toBe('');
  });
});

describe('a system that answers without end', () => {
  it.each([200, 404, 500])('has not answered, whatever its status: %i', async (status) => {
    const { body, taken } = endless();
    const stage = new RestStage(() => new Response(body, { status }));
    expect(await failureOf(stage.read())).toMatchObject({ kind: 'invalid-response', status });
    expect(taken.isCancelled).toBe(true);
  });

  it('may be Graph', async () => {
    const { body, taken } = endless();
    const { bridge } = world({ ports: { fetch: () => Promise.resolve(new Response(body)) } });
    const error = await failureOf(bridge.readChanges(ROOM, undefined, WINDOW, UNBOUNDED));
    expect(error).toMatchObject({ kind: 'invalid-response', status: 200 });
    expect(taken.isCancelled).toBe(true);
  });
});
