import { describe, expect, it } from 'vitest';
import { answer, startTown } from './harness.ts';

describe('sessions of the simulated booking system', () => {
  it('opens one for the right login and serves calls that carry it', async () => {
    const town = await startTown();
    expect((await town.login()).json).toEqual({
      session_name: 'sessionphpgwsessid',
      session_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await town.call('GET', '/booking/resources')).status).toBe(200);
  });

  it.each([
    ['town', 'bridge', 'wrong'],
    ['town', 'stranger', 'secret'],
    ['nowhere', 'bridge', 'secret'],
  ])('refuses %s/%s/%s with 404 and a message', async (domain, login, password) => {
    const town = await startTown();
    const refused = await town.login(domain, login, password);
    expect(refused.status).toBe(404);
    expect(refused.json).toEqual({ msg: expect.any(String) });
  });

  it('needs session, domain, phpgw_return_as and api_mode on every call', async () => {
    const town = await startTown();
    const { session_id: id } = (await town.login()).json;
    const full = {
      sessionphpgwsessid: String(id),
      domain: 'town',
      phpgw_return_as: 'json',
      api_mode: '1',
    };
    const status = async (query: Record<string, string>) =>
      (await town.raw('GET', `/booking/resources?${new URLSearchParams(query).toString()}`)).status;
    expect(await status(full)).toBe(200);
    for (const left of Object.keys(full)) {
      const rest = Object.entries(full).filter(([name]) => name !== left);
      expect({ left, status: await status(Object.fromEntries(rest)) }).toEqual({
        left,
        status: 401,
      });
    }
  });

  it('keeps a session to its own domain', async () => {
    const town = await startTown();
    town.simulator.seed({ domains: [{ domain: 'city' }] });
    const { session_id: id } = (await town.login()).json;
    const query = `sessionphpgwsessid=${String(id)}&domain=city&phpgw_return_as=json&api_mode=1`;
    expect((await town.raw('GET', `/booking/resources?${query}`)).status).toBe(401);
  });

  it('lapses after 1800 s without a call, and each call starts the time anew', async () => {
    const town = await startTown();
    town.clock.advance(1_799_000);
    expect((await town.call('GET', '/booking/resources')).status).toBe(200);
    town.clock.advance(1_799_000);
    expect((await town.call('GET', '/refreshsession')).status).toBe(200);
    town.clock.advance(1_800_000);
    expect((await town.call('GET', '/refreshsession')).status).toBe(401);
    expect((await town.call('GET', '/booking/resources')).status).toBe(401);
  });

  it('ends all sessions by the control route', async () => {
    const town = await startTown();
    const lapsed = await answer(await town.raw('POST', '/__sim/lapse-sessions'));
    expect(lapsed.json).toEqual({ lapsed: 1 });
    expect((await town.call('GET', '/booking/resources')).status).toBe(401);
  });
});
