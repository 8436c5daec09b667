import { createHash } from 'node:crypto';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Ids that look like Exchange's and are as unpleasant: base64 with `/`, `+` and `=`, and two
 * neighbours that differ only in the case of one letter, so that a client that folds case or puts
 * an id into a path unescaped fails here and not in production.
 */
function itemId(prefix: string, sequence: number): string {
  const hash = digest(`${prefix}:${Math.floor(sequence / 2)}`).toString('base64');
  const letter = sequence % 2 === 0 ? 'q' : 'Q';
  return `${prefix}${hash.slice(0, 20)}/${letter}+${hash.slice(20, 42)}A=`;
}

export function immutableIdOf(sequence: number): string {
  return itemId('AAkALgAAAAAAHYQD', sequence);
}

export function defaultIdOf(sequence: number): string {
  return itemId('AAMkADhhNzBkZjE2LWU', sequence);
}

/** The id of one occurrence; it can be read back, since occurrences are not stored. */
export function occurrenceId(masterUid: string, date: string, immutable: boolean): string {
  const prefix = immutable ? 'AAoALg/' : 'AAMoAD/';
  return `${prefix}${Buffer.from(`${masterUid}:${date}`).toString('base64')}+A=`;
}

/** The series and date behind an occurrence's id, or undefined for any other id. */
export function readOccurrenceId(id: string): { masterUid: string; date: string } | undefined {
  const encoded = /^(?:AAoALg|AAMoAD)\/(.+)\+A=$/.exec(id)?.[1];
  if (encoded === undefined) return undefined;
  const match = /^(\d+):(\d{4}-\d{2}-\d{2})$/.exec(Buffer.from(encoded, 'base64').toString());
  const [, masterUid, date] = match ?? [];
  return masterUid === undefined || date === undefined ? undefined : { masterUid, date };
}

export function changeKeyOf(changeSeq: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(changeSeq));
  return Buffer.concat([digest('change key').subarray(0, 14), counter]).toString('base64');
}

export function etagOf(changeSeq: number): string {
  return `W/"${changeKeyOf(changeSeq)}"`;
}

/** Global object id of MS-OXOCAL: a fixed head and a unique part, in hexadecimal. */
export function iCalUIdOf(tenantId: string, sequence: number): string {
  const unique = digest(`${tenantId}:${sequence}`).toString('hex').toUpperCase();
  return `040000008200E00074C5B7101A82E008${'0'.repeat(32)}10000000${unique.slice(0, 32)}`;
}

/** A GUID that is always the same for the same name. */
export function guidOf(name: string): string {
  const hex = digest(name).toString('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
