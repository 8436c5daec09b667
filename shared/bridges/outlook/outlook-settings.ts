import {
  ClientAssertionCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import * as z from 'zod';
import type { BridgeKey } from '../../model/ids.ts';
import type { BridgeSettings, TenantConfig } from '../../tenants/tenant-config.ts';
import { BridgeSettingsError, type BridgeFactory } from '../bridge-manager.ts';
import { GraphClient, type OutlookPorts } from './graph-client.ts';
import { OutlookBridge } from './outlook-bridge.ts';
import { credentialTokens } from './token-source.ts';

const filled = z.string().trim().min(1, 'must not be empty');

/** Scheme, host and port; a path would be glued in between by every client that takes it. */
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search + url.hash + url.username + url.password === '';
  if (isOrigin) return url.origin;
  context.addIssue({ code: 'custom', message: 'must be an http(s) address without a path' });
  return z.NEVER;
});

const common = {
  tenantId: filled,
  /** Only rooms that are members of this group are listed. */
  groupId: filled.optional(),
  graphUrl: origin.default('https://graph.microsoft.com'),
  authorityHost: origin.default('https://login.microsoftonline.com'),
};

/** `BridgeSettings.values` of Outlook; one member a way of signing in. */
const OutlookSettingsSchema = z.discriminatedUnion(
  'auth',
  [
    z.object({ auth: z.literal('secret'), ...common, clientId: filled, clientSecret: filled }),
    /** The identity of the Functions app itself, in its own tenant. */
    z.object({ auth: z.literal('managed_identity'), ...common, clientId: filled.optional() }),
    /** The app of another tenant, which trusts our managed identity. */
    z.object({
      auth: z.literal('federated'),
      ...common,
      clientId: filled,
      /** Which user-assigned identity speaks for the app; default the system-assigned one. */
      identityClientId: filled.optional(),
    }),
  ],
  { error: 'must be one of: secret, managed_identity, federated' },
);

export type OutlookSettings = z.output<typeof OutlookSettingsSchema>;

/** @throws BridgeSettingsError that names every bad value, and holds none of them. */
export function parseOutlookSettings({ values }: BridgeSettings): OutlookSettings {
  const parsed = OutlookSettingsSchema.safeParse({ auth: 'secret', ...values });
  if (parsed.success) return parsed.data;
  throw new BridgeSettingsError(
    parsed.error.issues.map(({ path, message, code }) => ({
      name: path.join('.'),
      message: code === 'invalid_type' ? 'is missing' : message,
    })),
  );
}

/** For `BridgeManager.register('outlook', …)`. */
export function outlookBridgeFactory(ports: OutlookPorts): BridgeFactory {
  return (key, settings, tenant) => createOutlookBridge(key, settings, tenant, ports);
}

/** @throws BridgeSettingsError */
export function createOutlookBridge(
  key: BridgeKey,
  bridgeSettings: BridgeSettings,
  { timeZone, copiesPrivate }: Pick<TenantConfig, 'timeZone' | 'copiesPrivate'>,
  ports: OutlookPorts,
): OutlookBridge {
  const settings = parseOutlookSettings(bridgeSettings);
  const tokens = credentialTokens(() => credentialOf(settings), `${settings.graphUrl}/.default`);
  const client = new GraphClient(settings.graphUrl, tokens, ports);
  const { groupId } = settings;
  return new OutlookBridge({
    key,
    client,
    ports,
    timeZone,
    copiesPrivate,
    ...(groupId === undefined ? {} : { groupId }),
  });
}

/** Authorities that vouch for each other; any other one is not known to the public cloud. */
const PUBLIC_AUTHORITIES = new Set([
  'https://login.microsoftonline.com',
  'https://login.microsoftonline.us',
  'https://login.chinacloudapi.cn',
  'https://login.partner.microsoftonline.cn',
]);

function credentialOf(settings: OutlookSettings): TokenCredential {
  const { tenantId, authorityHost } = settings;
  const options = {
    authorityHost,
    disableInstanceDiscovery: !PUBLIC_AUTHORITIES.has(authorityHost),
    // A pass that cannot sign in is tried again as a whole, by the queue.
    retryOptions: { maxRetries: 0 },
  };
  switch (settings.auth) {
    case 'secret':
      return new ClientSecretCredential(
        tenantId,
        settings.clientId,
        settings.clientSecret,
        options,
      );
    case 'managed_identity':
      return managedIdentity(settings.clientId);
    case 'federated': {
      const identity = managedIdentity(settings.identityClientId);
      const assertion = async (): Promise<string> =>
        (await identity.getToken('api://AzureADTokenExchange/.default')).token;
      return new ClientAssertionCredential(tenantId, settings.clientId, assertion, options);
    }
  }
}

function managedIdentity(clientId: string | undefined): ManagedIdentityCredential {
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId });
}
