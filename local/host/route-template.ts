/** One part of a route between slashes. */
type RouteSegment =
  | { kind: 'text'; text: string }
  | { kind: 'parameter'; name: string; constraint: ConstraintName | undefined; optional: boolean }
  | { kind: 'rest'; name: string };

export interface RouteTemplate {
  /** As written, with the route prefix. */
  text: string;
  segments: readonly RouteSegment[];
}

/** Thrown for a template that the host cannot serve; the message says which part and why. */
export class RouteTemplateError extends Error {
  override readonly name = 'RouteTemplateError';
}

const CONSTRAINTS = {
  int: /^[+-]?\d{1,10}$/u,
  long: /^[+-]?\d{1,19}$/u,
  bool: /^(?:true|false)$/iu,
  alpha: /^[a-z]+$/iu,
  guid: /^\{?[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}\}?$/iu,
} as const;
type ConstraintName = keyof typeof CONSTRAINTS;

const PARAMETER = /^\{(?<stars>\*{0,2})(?<name>\w+)(?::(?<constraint>[^?}]+))?(?<optional>\?)?\}$/u;

/**
 * Reads an ASP.NET route template: fixed text, `{name}`, `{name:int|long|bool|alpha|guid}`,
 * `{name?}` at the end, `{*rest}` at the end. A segment is either text or one parameter.
 * @throws RouteTemplateError
 */
export function parseRouteTemplate(text: string): RouteTemplate {
  const parts = text.split('/').filter((part) => part !== '');
  const segments = parts.map((part) => parseSegment(text, part));
  const names = new Set<string>();
  segments.forEach((segment, index) => {
    if (segment.kind === 'text') return;
    if (names.has(segment.name))
      throw new RouteTemplateError(`route "${text}": {${segment.name}} stands there twice`);
    names.add(segment.name);
    const mustBeLast = segment.kind === 'rest' || segment.optional;
    if (mustBeLast && index < segments.length - 1)
      throw new RouteTemplateError(`route "${text}": "${parts[index] ?? ''}" may only come last`);
  });
  return { text, segments };
}

function parseSegment(text: string, part: string): RouteSegment {
  if (!/[{}]/u.test(part)) return { kind: 'text', text: part };
  const groups = PARAMETER.exec(part)?.groups;
  const name = groups?.['name'];
  if (groups === undefined || name === undefined)
    throw new RouteTemplateError(
      `route "${text}": "${part}" is not served locally; a segment is text or one {parameter}`,
    );
  if (groups['stars'] !== '') return { kind: 'rest', name };
  const constraint = groups['constraint'];
  if (constraint !== undefined && !isConstraint(constraint))
    throw new RouteTemplateError(`route "${text}": unknown constraint "${constraint}"`);
  return { kind: 'parameter', name, constraint, optional: groups['optional'] === '?' };
}

function isConstraint(name: string): name is ConstraintName {
  return Object.hasOwn(CONSTRAINTS, name);
}

/**
 * The parameters of `path` (still escaped, without query) under a template, or undefined where it
 * does not match. Fixed text is compared without regard to case, and a final slash does not count,
 * as in ASP.NET. Values are unescaped, except `%2F`, which would look like a path's own slash.
 */
export function matchRoute(
  template: RouteTemplate,
  path: string,
): Record<string, string> | undefined {
  const parts = path.replace(/^\//u, '').replace(/\/$/u, '').split('/').map(unescapePart);
  if (parts.length === 1 && parts[0] === '') parts.pop();
  const parameters: Record<string, string> = {};
  for (const [index, segment] of template.segments.entries()) {
    if (segment.kind === 'rest') {
      parameters[segment.name] = parts.slice(index).join('/');
      return parameters;
    }
    const part = parts[index];
    if (part === undefined) {
      if (segment.kind === 'parameter' && segment.optional) return parameters;
      return undefined;
    }
    if (!matchesPart(segment, part)) return undefined;
    if (segment.kind === 'parameter') parameters[segment.name] = part;
  }
  return parts.length > template.segments.length ? undefined : parameters;
}

function matchesPart(segment: Exclude<RouteSegment, { kind: 'rest' }>, part: string): boolean {
  if (segment.kind === 'text') return segment.text.toLowerCase() === part.toLowerCase();
  if (part === '') return false;
  return segment.constraint === undefined || CONSTRAINTS[segment.constraint].test(part);
}

function unescapePart(part: string): string {
  try {
    return part
      .split(/(%2f)/iu)
      .map((piece, index) => (index % 2 === 1 ? piece : decodeURIComponent(piece)))
      .join('');
  } catch {
    return part; // A stray "%" stays as it was sent: the web server in front of the host does the same.
  }
}

/**
 * Sorts the more telling template first: segment by segment fixed text before a constrained
 * parameter before a plain one before `{*rest}`; where one is the other's beginning, the longer.
 */
export function compareTemplates(a: RouteTemplate, b: RouteTemplate): number {
  const shorter = Math.min(a.segments.length, b.segments.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = rank(a.segments[index]) - rank(b.segments[index]);
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length;
}

function rank(segment: RouteSegment | undefined): number {
  if (segment === undefined || segment.kind === 'text') return 0;
  if (segment.kind === 'rest') return 3;
  return segment.constraint === undefined ? 2 : 1;
}

/** Two templates with the same key take the same requests: names of parameters do not tell them apart. */
export function templateKey({ segments }: RouteTemplate): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text.toLowerCase();
      if (segment.kind === 'rest') return '{*}';
      return `{:${segment.constraint ?? ''}}`;
    })
    .join('/');
}
