import { describe, expect, it } from 'vitest';
import { QueueError } from '../../../shared/queues/queue-sender.ts';
import { SettingsError } from '../../../shared/tenants/settings-error.ts';
import { A, B, KEY_A, makeWorld, SETUP, tenantConfig } from './fixture.ts';

describe('GET /health', () => {
  it('is open and says that all is well', async () => {
    const world = await makeWorld();
    const { status, headers, body } = await world.call('GET', '/health', {
      headers: { 'x-request-id': 'probe-1' },
    });
    expect(status).toBe(200);
    expect(headers.get('x-request-id')).toBe('probe-1');
    expect(body).toEqual({
      status: 'healthy',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      problems: [],
    });
  });

  it('names bad settings', async () => {
    const problems = ['OUTLOOK_CLIENT_ID is missing: expected the id of the app registration'];
    const world = await makeWorld({
      lazy: () => () => Promise.reject(new SettingsError(problems)),
    });
    const { status, body } = await world.call('GET', '/health');
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'unhealthy', problems });
  });

  it('notices that storage does not answer, and that it does again', async () => {
    const world = await makeWorld();
    world.setStorageFault(new Error('connect ECONNREFUSED 10.0.0.1'));
    const down = await world.call('GET', '/health');
    expect(down.status).toBe(503);
    expect(down.body['problems']).toEqual(['AzureWebJobsStorage: the storage does not answer']);
    world.setStorageFault(undefined);
    expect((await world.call('GET', '/health')).status).toBe(200);
  });

  it('tells a storage that is down from another reason not to start', async () => {
    const causes = [new QueueError('no answer'), new TypeError('hunter2')];
    const answers = await Promise.all(
      causes.map(async (cause) => {
        const world = await makeWorld({ lazy: () => () => Promise.reject(cause) });
        return world.call('GET', '/health');
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(answers.map(({ body }) => body['problems'])).toEqual([
      ['AzureWebJobsStorage: the storage does not answer'],
      ['the service cannot start: look in the log'],
    ]);
  });

  it('is degraded by a tenant that does not run, without naming it', async () => {
    const rejected = [{ tenantId: B, problems: ['MUNICIPAL_B_TIME_ZONE is not valid'] }];
    const setup = { ...SETUP, tenants: [tenantConfig(A, KEY_A)], rejected };
    const world = await makeWorld({ setup });
    const { status, body } = await world.call('GET', '/health');
    expect(status).toBe(200);
    expect(body['status']).toBe('degraded');
    expect(JSON.stringify(body)).not.toMatch(/municipal_b/i);
  });
});
