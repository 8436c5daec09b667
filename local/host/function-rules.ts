import type { RegisteredFunction } from './functions-core.ts';
import { HostConfigurationError } from './host-errors.ts';
import {
  compareTemplates,
  parseRouteTemplate,
  templateKey,
  type RouteTemplate,
} from './route-template.ts';

export interface HttpRoute {
  target: RegisteredFunction;
  template: RouteTemplate;
  /** Upper case. */
  methods: readonly string[];
  /** `anonymous` is open; anything else needs the admin key here, as no other keys exist locally. */
  anonymous: boolean;
}

const FUNCTION_NAME = /^[a-z][\w-]{0,127}$/iu;
const BINDING_NAME = /^[a-z\d]+$/iu;
/** The host keeps these for itself; it compares beginnings, so `administer` is refused as well. */
const RESERVED_ROUTES = ['admin', 'runtime'];
const TRIGGERS = new Set(['httptrigger', 'timertrigger', 'queuetrigger']);
const DEFAULT_METHODS = ['GET', 'POST'];

/**
 * Checks what was registered by the rules of the real host, and answers the routes of the HTTP
 * functions, most telling first.
 * @throws HostConfigurationError that names every breach.
 */
export function checkFunctions(
  functions: Iterable<RegisteredFunction>,
  routePrefix: string,
): HttpRoute[] {
  const problems: string[] = [];
  const routes: HttpRoute[] = [];
  for (const target of functions) {
    problems.push(...checkNames(target), ...checkBindings(target));
    if (target.trigger.binding.type.toLowerCase() !== 'httptrigger') continue;
    try {
      routes.push(readRoute(target, routePrefix, problems));
    } catch (error) {
      problems.push(`${target.metadata.name}: ${(error as Error).message}`);
    }
  }
  problems.push(...findCollisions(routes));
  if (problems.length > 0) throw new HostConfigurationError(problems);
  return routes.sort((a, b) => compareTemplates(a.template, b.template));
}

function checkNames({ metadata }: RegisteredFunction): string[] {
  const { name } = metadata;
  const problems: string[] = [];
  if (!FUNCTION_NAME.test(name) || name.toLowerCase() === 'host')
    problems.push(
      `"${name}" is no name for a function: a letter, then letters, digits, "_" or "-", ` +
        'at most 128 in all, and not "host"',
    );
  for (const binding of Object.keys(metadata.bindings))
    if (binding !== '$return' && !BINDING_NAME.test(binding))
      problems.push(`${name}: the binding name "${binding}" has more than letters and digits`);
  return problems;
}

function checkBindings({ metadata, trigger }: RegisteredFunction): string[] {
  const problems: string[] = [];
  if (!TRIGGERS.has(trigger.binding.type.toLowerCase()))
    problems.push(`${metadata.name}: the local host has no ${trigger.binding.type}`);
  for (const [name, { type }] of Object.entries(metadata.bindings))
    if (name !== trigger.name && type.toLowerCase() !== 'http')
      problems.push(`${metadata.name}: the local host has no binding of type ${type}`);
  return problems;
}

function readRoute(target: RegisteredFunction, routePrefix: string, problems: string[]): HttpRoute {
  const { name } = target.metadata;
  const options = target.trigger.binding;
  const route = typeof options['route'] === 'string' ? options['route'] : name;
  const reserved = RESERVED_ROUTES.find((word) => route.toLowerCase().startsWith(word));
  if (reserved !== undefined)
    problems.push(`${name}: the route "${route}" begins with "${reserved}", which the host keeps`);
  const methods = Array.isArray(options['methods']) ? options['methods'].map(String) : [];
  const authLevel = options['authLevel'];
  return {
    target,
    template: parseRouteTemplate([routePrefix, route].filter((part) => part !== '').join('/')),
    methods: (methods.length === 0 ? DEFAULT_METHODS : methods).map((one) => one.toUpperCase()),
    anonymous: authLevel === undefined || authLevel === 'anonymous',
  };
}

function findCollisions(routes: readonly HttpRoute[]): string[] {
  const owners = new Map<string, HttpRoute>();
  const problems: string[] = [];
  for (const route of routes) {
    for (const method of route.methods) {
      const key = `${method} ${templateKey(route.template)}`;
      const other = owners.get(key);
      if (other === undefined) owners.set(key, route);
      else
        problems.push(
          `${method} ${route.template.text} is claimed by ${other.target.metadata.name} ` +
            `and by ${route.target.metadata.name}`,
        );
    }
  }
  return problems;
}
