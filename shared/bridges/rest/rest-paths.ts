import { stableJson } from '../stable-json.ts';

/** A place in a JSON value: names of members, or places in lists, with dots between them. */
export type JsonPath = string;

/** Members of these names are the object's own machinery, never data. */
const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor']);

export function isJsonPath(text: string): boolean {
  const names = text.split('.');
  return names.every((name) => name !== '' && !FORBIDDEN.has(name));
}

/** What is there, or undefined where nothing is. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  return path.split('.').reduce<unknown>((at, name) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    return (at as Readonly<Record<string, unknown>>)[name];
  }, value);
}

/** Puts a value there; objects on the way are made. The path is one that `isJsonPath` takes. */
export function setAt(target: Record<string, unknown>, path: JsonPath, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? path;
  let at = target;
  for (const name of names) {
    const next = at[name];
    at[name] = isObject(next) ? next : {};
    at = at[name] as Record<string, unknown>;
  }
  at[last] = value;
}

/** Whether one of two places lies in the other, so that both cannot be written. */
export function collide(one: JsonPath, other: JsonPath): boolean {
  return `${one}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${one}.`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function areEqual(one: unknown, other: unknown): boolean {
  return stableJson(one) === stableJson(other);
}
