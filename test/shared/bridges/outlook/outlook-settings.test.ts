import { describe, expect, it } from 'vitest';
import { BridgeSettingsError } from '../../../../shared/bridges/bridge-manager.ts';
import { parseOutlookSettings } from '../../../../shared/bridges/outlook/outlook-settings.ts';

const GOOD = { tenantId: 'tenant-a', clientId: 'app', clientSecret: 'hush-hush' };

/** The issues, and whether the error's own text holds the secret. */
function problemsOf(values: Record<string, string>): readonly string[] {
  try {
    parseOutlookSettings({ kind: 'outlook', values });
    return [];
  } catch (error) {
    if (!(error instanceof BridgeSettingsError)) throw error;
    const leaks = error.message.includes(GOOD.clientSecret) ? ['the secret is shown'] : [];
    return [...leaks, ...error.issues.map(({ name, message }) => `${name} ${message}`)];
  }
}

describe('settings of the Outlook bridge', () => {
  it('are the public cloud and a client secret by default', () => {
    expect(parseOutlookSettings({ kind: 'outlook', values: GOOD })).toEqual({
      ...GOOD,
      auth: 'secret',
      graphUrl: 'https://graph.microsoft.com',
      authorityHost: 'https://login.microsoftonline.com',
    });
  });

  it('are refused with every bad one named, and none shown', () => {
    expect(problemsOf({ clientSecret: ' ', graphUrl: 'https://graph.example/v1.0' })).toEqual([
      'tenantId is missing',
      'graphUrl must be an http(s) address without a path',
      'clientId is missing',
      'clientSecret must not be empty',
    ]);
    expect(problemsOf({ ...GOOD, auth: 'certificate' })).toEqual([
      'auth must be one of: secret, managed_identity, federated',
    ]);
    for (const authorityHost of [
      'login.example',
      'ftp://login.example',
      'https://a:b@login.example',
    ])
      expect(problemsOf({ ...GOOD, authorityHost })).toHaveLength(1);
  });

  it('need no secret with an identity', () => {
    const { tenantId, clientId } = GOOD;
    expect(problemsOf({ auth: 'managed_identity', tenantId })).toEqual([]);
    expect(problemsOf({ auth: 'federated', tenantId, clientId })).toEqual([]);
    expect(problemsOf({ auth: 'federated', tenantId })).toEqual(['clientId is missing']);
  });
});
