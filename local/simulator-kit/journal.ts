import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A map whose every change is on disk before the call returns, so that a killed simulator loses nothing. */
export interface DurableMap<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  /** Stores a JSON value. To change a stored object, `set` it again: mutation alone is not seen. */
  set(key: string, value: T): void;
  delete(key: string): void;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  clear(): void;
  readonly size: number;
}

type Line = [collection: string, key: string, value?: unknown];

/**
 * An append-only file of JSON lines behind named maps. Opening replays and compacts it; a last line
 * cut short by a kill is dropped. Without a file everything is in memory only.
 */
export class Journal {
  readonly #file: string | undefined;
  readonly #maps = new Map<string, Map<string, unknown>>();

  constructor(file?: string) {
    this.#file = file;
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.#replay(readFileSync(file, 'utf8'));
    this.#compact();
  }

  collection<T>(name: string): DurableMap<T> {
    const map = this.#map(name) as Map<string, T>;
    const append = (line: Line): void => this.#append(line);
    return {
      get: (key) => map.get(key),
      has: (key) => map.has(key),
      set: (key, value) => {
        map.set(key, value);
        append([name, key, value]);
      },
      delete: (key) => {
        if (map.delete(key)) append([name, key]);
      },
      values: () => map.values(),
      entries: () => map.entries(),
      clear: () => {
        for (const key of map.keys()) append([name, key]);
        map.clear();
      },
      get size() {
        return map.size;
      },
    };
  }

  #map(name: string): Map<string, unknown> {
    let map = this.#maps.get(name);
    if (map === undefined) this.#maps.set(name, (map = new Map()));
    return map;
  }

  #append(line: Line): void {
    if (this.#file !== undefined) appendFileSync(this.#file, JSON.stringify(line) + '\n');
  }

  #replay(text: string): void {
    const lines = text.split('\n');
    lines.forEach((text, index) => {
      if (text === '') return;
      const line = parseLine(text);
      if (line === undefined) {
        if (index >= lines.length - 1) return;
        throw new Error(`line ${index + 1} of the simulator's journal is damaged`);
      }
      const [collection, key, value] = line;
      if (line.length === 2) this.#map(collection).delete(key);
      else this.#map(collection).set(key, value);
    });
  }

  #compact(): void {
    if (this.#file === undefined) return;
    const lines: string[] = [];
    for (const [name, map] of this.#maps)
      for (const [key, value] of map) lines.push(JSON.stringify([name, key, value]) + '\n');
    writeFileSync(`${this.#file}.new`, lines.join(''));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function parseLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
