import { badRequest } from './errors.ts';
import type { Instance } from './series.ts';
import {
  fitsProperty,
  normalizedPropertyId,
  type PropertyOperator,
} from './extended-properties.ts';
import { queryInstant } from './time.ts';

type Predicate = (instance: Instance) => boolean;

const STRING = `'((?:[^']|'')*)'`;
const ANY = new RegExp(
  `^singleValueExtendedProperties/any\\(\\s*(\\w+)\\s*:\\s*\\1/id\\s+eq\\s+${STRING}` +
    `\\s+and\\s+(?:\\1/value\\s+(eq|ne)\\s+${STRING}|(contains|startswith)\\(\\s*\\1/value\\s*,\\s*${STRING}\\s*\\))\\s*\\)$`,
  'i',
);
const TIME = new RegExp(`^(start|end)/dateTime\\s+(eq|ne|gt|ge|lt|le)\\s+${STRING}$`, 'i');
const TEXT = new RegExp(`^(iCalUId|subject)\\s+eq\\s+${STRING}$`, 'i');

/**
 * A `$filter` of one or more of these terms joined by `and`: `Any()` over extended properties,
 * comparisons of `start/dateTime` and `end/dateTime`, `iCalUId eq` and `subject eq`.
 * @throws GraphError 400 for anything else.
 */
export function parseFilter(text: string): Predicate {
  const terms = splitAnd(text).map((term) => parseTerm(term.trim()));
  return (instance) => terms.every((fits) => fits(instance));
}

function parseTerm(term: string): Predicate {
  const found = propertyTerm(term) ?? timeTerm(term) ?? textTerm(term);
  if (found === undefined)
    throw badRequest('ErrorInvalidUrlQueryFilter', `The simulator can not filter by '${term}'.`);
  return found;
}

function propertyTerm(term: string): Predicate | undefined {
  const match = ANY.exec(term);
  if (match === null) return undefined;
  const [, , id = '', compare, compared, call, argument] = match;
  const condition = {
    id: normalizedPropertyId(unquoted(id)),
    operator: (compare ?? call ?? 'eq').toLowerCase() as PropertyOperator,
    value: unquoted(compared ?? argument ?? ''),
  };
  return ({ event }) => fitsProperty(event.extendedProperties, condition);
}

function timeTerm(term: string): Predicate | undefined {
  const match = TIME.exec(term);
  if (match === null) return undefined;
  const [, end = '', operator = '', text = ''] = match;
  const wanted = queryInstant(text, `${end}/dateTime`);
  const member = end.toLowerCase() === 'start' ? 'startMs' : 'endMs';
  const compare = COMPARISONS[operator.toLowerCase()];
  return ({ event, occurrence }) => compare?.((occurrence ?? event.time)[member], wanted) ?? false;
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

function textTerm(term: string): Predicate | undefined {
  const match = TEXT.exec(term);
  if (match === null) return undefined;
  const [, name = '', quoted = ''] = match;
  const wanted = unquoted(quoted);
  return name.toLowerCase() === 'subject'
    ? ({ event }) => event.subject === wanted
    : ({ event }) => event.iCalUId === wanted;
}

function unquoted(text: string): string {
  return text.replaceAll("''", "'");
}

/** Splits at each ` and ` that stands in no quotes and no parentheses. */
function splitAnd(text: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "'") quoted = !quoted;
    else if (!quoted && char === '(') depth += 1;
    else if (!quoted && char === ')') depth -= 1;
    else if (!quoted && depth === 0 && /^\s+and\s/i.test(text.slice(at, at + 6))) {
      terms.push(text.slice(from, at));
      from = at + text.slice(at).search(/and/i) + 3;
    }
  }
  terms.push(text.slice(from));
  return terms;
}
