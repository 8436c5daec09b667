import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { PublishedDocument, publishedDocument } from './published.ts';

const HEALTHY = { status: 'healthy', timestamp: '2026-03-02T09:00:00Z', problems: [] };
const WAITING = {
  success: true,
  run_id: 'r',
  mapping_id: 'm',
  status: 'queued',
  queued_at: '2026-03-02T09:00:00Z',
};

/** Changed as text, so that a test need not know more of it than what it changes. */
async function documentWith(from = '', to = ''): Promise<PublishedDocument> {
  const text = JSON.stringify(await publishedDocument());
  expect(text).toContain(from);
  return new PublishedDocument(JSON.parse(text.replaceAll(from, to)));
}

describe('an answer that is held against the published document', () => {
  it('passes where it is what the document says', async () => {
    const published = await documentWith();
    const check = (path: string, body: object) => () =>
      published.checkAnswer('GET', path, { status: 200, body });
    expect(check('health', HEALTHY)).not.toThrow();
    expect(check('runs/{id}', WAITING)).not.toThrow();
  });

  it.each([
    ['says nothing', '{"$ref":"#/components/schemas/Run"}', '{}'],
    ['says nothing of one member', '"queued_at":{"type":"string"', '"queued_at":{},"x":{"y":""'],
    ['calls a member otherwise', '"queued_at"', '"queued"'],
    ['gives a member another type', '"run_id":{"type":"string"}', '"run_id":{"type":"integer"}'],
    ['does not have the status', '"200"', '"201"'],
    ['does not have the path', '"/runs/{id}"', '"/runs/{run}"'],
  ])('fails where the document %s', async (_, from, to) => {
    const published = await documentWith(from, to);
    const check = (): void =>
      published.checkAnswer('GET', 'runs/{id}', { status: 200, body: WAITING });
    expect(check).toThrow(AssertionError);
  });

  it('fails where it has a member that the document does not name', async () => {
    const published = await documentWith();
    const body = { ...HEALTHY, secret: 1 };
    const check = (): void => published.checkAnswer('GET', 'health', { status: 200, body });
    expect(check).toThrow('secret');
  });
});

describe('a body that a route took', () => {
  const check = (published: PublishedDocument, body: object) => () =>
    published.checkRequest('POST', 'bridges/sync/{source}/{target}', body);

  it('passes where it is in the document', async () => {
    expect(check(await documentWith(), { dry_run: true })).not.toThrow();
  });

  it.each([{ dry_run: 'yes' }, { dry_runs: true }])('fails where it is not: %j', async (body) => {
    expect(check(await documentWith(), body)).toThrow(AssertionError);
  });
});
