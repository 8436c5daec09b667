import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { checkAnswer, type GivenAnswer } from './answer-check.ts';

const HEALTHY: GivenAnswer = {
  status: 200,
  headers: new Headers({ 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'r' }),
  body: { status: 'healthy', timestamp: '2026-03-02T09:00:00Z', problems: [] },
};

function check(changes: Partial<GivenAnswer>, path = 'health', method = 'GET'): () => void {
  return () => checkAnswer(method, path, { ...HEALTHY, ...changes });
}

describe('the check of answers', () => {
  it('lets an answer pass that is declared', () => {
    expect(check({})).not.toThrow();
  });

  it.each<[string, Partial<GivenAnswer>]>([
    ['a member that is not declared', { body: { ...(HEALTHY.body as object), secret: 1 } }],
    ['a member that is missing', { body: { status: 'healthy', problems: [] } }],
    ['a value of another type', { body: { ...(HEALTHY.body as object), problems: 'none' } }],
    ['a time that is none', { body: { ...(HEALTHY.body as object), timestamp: 'now' } }],
    ['a status that is not declared', { status: 201 }],
    [
      'a header that is not declared',
      { headers: new Headers([...HEALTHY.headers, ['x-secret', '1']]) },
    ],
    ['another media type', { headers: new Headers({ 'content-type': 'text/html;' }) }],
  ])('refuses %s', (_, changes) => {
    expect(check(changes)).toThrow(AssertionError);
  });

  it('refuses an answer of a path or a method that no route has', () => {
    expect(check({}, 'nowhere')).toThrow('no route table');
    expect(check({}, 'health', 'DELETE')).toThrow('no route table');
  });
});
