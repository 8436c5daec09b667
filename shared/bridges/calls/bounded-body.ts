import { BridgeError } from '../../model/errors.ts';

/** Unpacked. Far above a room's half year of events; some such answers at once fit an instance. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The text of a body, read to its end, or given up at once where it grows beyond `BODY_BYTES_MAX`.
 * `call` names the system and what it was asked.
 * @throws BridgeError `invalid-response` for such a body; what the connection throws.
 */
export async function boundedText(call: string, { body, status }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (bytes > BODY_BYTES_MAX)
      throw new BridgeError(
        'invalid-response',
        `${call}: answered with more than ${BODY_BYTES_MAX / 1024 / 1024} MiB`,
        { status },
      );
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
