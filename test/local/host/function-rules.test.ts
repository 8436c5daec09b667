import { describe, expect, it } from 'vitest';
import { checkFunctions } from '../../../local/host/function-rules.ts';
import type { RegisteredFunction } from '../../../local/host/functions-core.ts';
import { HostConfigurationError } from '../../../local/host/host-errors.ts';

function http(name: string, options: Record<string, unknown> = {}): RegisteredFunction {
  const binding = { type: 'httpTrigger', direction: 'in', ...options };
  return {
    metadata: { name, bindings: { req: binding, $return: { type: 'http', direction: 'out' } } },
    callback: () => undefined,
    trigger: { name: 'req', binding },
  };
}

function problemsOf(functions: RegisteredFunction[], prefix = ''): readonly string[] {
  try {
    checkFunctions(functions, prefix);
    return [];
  } catch (error) {
    if (error instanceof HostConfigurationError) return error.problems;
    throw error;
  }
}

describe('functions the real host would refuse', () => {
  it('refuses routes that begin with admin or runtime, also as the name of a function', () => {
    const problems = problemsOf([
      http('one', { route: 'administer/x' }),
      http('two', { route: 'Runtime' }),
      http('adminThree'),
    ]);
    expect(problems).toHaveLength(3);
  });

  it('refuses such a route behind a prefix as well', () => {
    expect(problemsOf([http('one', { route: 'admin/x' })], 'api')).toHaveLength(1);
  });

  it('refuses two functions for the same route and method, but not for different methods', () => {
    const get = http('get', { route: 'a/{id}', methods: ['GET'] });
    const put = http('put', { route: 'A/{other}', methods: ['PUT'] });
    const both = http('both', { route: 'a/{x}', methods: ['DELETE', 'PUT'] });
    expect(problemsOf([get, put])).toEqual([]);
    expect(problemsOf([get, put, both])).toEqual(['PUT a/{x} is claimed by put and by both']);
  });

  it('refuses bad names of functions and bindings', () => {
    const oddBinding = http('ok');
    oddBinding.metadata.bindings['a_b'] = { type: 'http', direction: 'out' };
    expect(problemsOf([http('1st'), http('host'), http('a b'), oddBinding])).toHaveLength(4);
  });

  it('refuses triggers and bindings it does not have', () => {
    const blob = http('blob');
    blob.trigger.binding.type = 'blobTrigger';
    const queueOutput = http('out');
    queueOutput.metadata.bindings['q'] = { type: 'queue', direction: 'out' };
    expect(problemsOf([blob, queueOutput])).toHaveLength(2);
  });
});

describe('routes', () => {
  it('are prefixed, default to the function name, GET and POST, and to anonymous', () => {
    const [route] = checkFunctions([http('rooms')], 'api');
    expect(route).toMatchObject({
      template: { text: 'api/rooms' },
      methods: ['GET', 'POST'],
      anonymous: true,
    });
  });
});
