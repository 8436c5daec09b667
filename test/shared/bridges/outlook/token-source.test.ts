import { describe, expect, it } from 'vitest';
import { credentialTokens } from '../../../../shared/bridges/outlook/token-source.ts';

/** Credentials that give `first-1`, `first-2`, … and count what they are asked. */
function credentials() {
  const asked: string[] = [];
  let made = 0;
  const make = () => {
    made += 1;
    const name = `credential-${made}`;
    return {
      getToken: async (scope: string | string[]) => {
        asked.push(`${name} ${String(scope)}`);
        await Promise.resolve();
        return { token: name, expiresOnTimestamp: 0 };
      },
    };
  };
  return { make, asked };
}

const SCOPE = 'https://graph.example/.default';

describe('tokens of a credential', () => {
  it('are asked for once by many who come at once', async () => {
    const { make, asked } = credentials();
    const tokens = credentialTokens(make, SCOPE);
    const all = await Promise.all(Array.from({ length: 20 }, () => tokens.token({ renew: false })));
    expect(new Set(all)).toEqual(new Set(['credential-1']));
    expect(asked).toEqual([`credential-1 ${SCOPE}`]);
    await tokens.token({ renew: false });
    expect(asked).toHaveLength(2);
  });

  it('are new where the last one was refused, once for all who were refused', async () => {
    const { make, asked } = credentials();
    const tokens = credentialTokens(make, SCOPE);
    await tokens.token({ renew: false });
    const all = await Promise.all([1, 2, 3].map(() => tokens.token({ renew: true })));
    expect(new Set(all)).toEqual(new Set(['credential-2']));
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['AADSTS7000215: Invalid client secret', 'auth-rejected', 'not its id'],
    ['AADSTS7000222: expired', 'auth-rejected', 'has expired'],
    ['AADSTS700016: not found', 'auth-rejected', 'client id and tenant id'],
    ['AADSTS99999: new', 'auth-rejected', 'authority host'],
    ['AADSTS90033: A transient error has occurred', 'unavailable', 'did not answer'],
    ['network_error: connect ECONNREFUSED 127.0.0.1:1', 'unavailable', 'did not answer'],
  ])('that are refused say what to do: %s', async (message, kind, advice) => {
    const failing = { getToken: () => Promise.reject(new Error(message)) };
    const asking = credentialTokens(() => failing, SCOPE).token({ renew: false });
    await expect(asking).rejects.toMatchObject({
      name: 'BridgeError',
      kind,
      message: expect.stringContaining(advice) as unknown,
    });
  });

  it('can be had again after a failure', async () => {
    let tries = 0;
    const tokens = credentialTokens(
      () => ({
        getToken: () => {
          tries += 1;
          return tries === 1
            ? Promise.reject(new Error('AADSTS90033'))
            : Promise.resolve({ token: 'good', expiresOnTimestamp: 0 });
        },
      }),
      SCOPE,
    );
    await expect(tokens.token({ renew: false })).rejects.toThrow('sign-in');
    expect(await tokens.token({ renew: false })).toBe('good');
  });
});
