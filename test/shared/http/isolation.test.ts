import { describe, expect, it } from 'vitest';
import { ADMIN_KEY, KEY_A, KEY_B, makeWorld } from './fixture.ts';

/** Fault of the earlier service: secrets in answers, and mapping calls that forgot the tenant. */
describe('F16: what a key of another tenant reaches', () => {
  it('is nothing of a mapping: not to read, change, delete, run or find', async () => {
    const app = await makeWorld();
    const id = await app.addPair('12', 'council@municipal-a.example');
    const ends = { source_calendar_id: '12', target_calendar_id: 'council@municipal-a.example' };
    const replies = [
      await app.call('GET', `/mappings/resources/${id}`, { key: KEY_B }),
      await app.call('PUT', `/mappings/resources/${id}`, {
        key: KEY_B,
        body: { sync_direction: 'source_to_target' },
      }),
      await app.call('DELETE', `/mappings/resources/${id}`, { key: KEY_B }),
      await app.call('GET', `/mappings/resources/${id}/status`, { key: KEY_B }),
      await app.call('POST', '/bridges/sync/booking_system/outlook', { key: KEY_B, body: ends }),
      await app.call('GET', '/bridges', { key: KEY_B, headers: { 'x-tenant-id': 'municipal_a' } }),
    ];
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 404));
    for (const { body } of replies) expect(JSON.stringify(body)).not.toContain('council@');
    const list = await app.call('GET', '/mappings/resources', { key: KEY_B });
    expect(list.body).toMatchObject({ count: 0 });
    const own = await app.call('GET', '/mappings/resources', { key: KEY_A });
    expect(own.body).toMatchObject({
      count: 1,
      mappings: [{ is_active: true, sync_direction: 'bidirectional' }],
    });
  });

  it('is no secret: no answer holds a key', async () => {
    const app = await makeWorld();
    for (const path of ['/bridges', '/bridges/health', '/health', '/mappings/resources']) {
      const { body } = await app.call('GET', path, { key: ADMIN_KEY });
      for (const secret of [ADMIN_KEY, KEY_A, KEY_B])
        expect(JSON.stringify(body)).not.toContain(secret);
    }
  });
});
