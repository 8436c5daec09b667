import type { SettingReader } from './setting-reader.ts';
import { httpsUrl, identifier, ruleOf } from './setting-rules.ts';

/** How the tables and queues are reached. The connection string is a secret. */
export type StorageSettings =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly tableServiceUri: string;
      readonly queueServiceUri: string;
      /** Of a user-assigned managed identity. */
      readonly clientId?: string;
    };

const connectionString = ruleOf(
  'a storage connection string, or AzureWebJobsStorage__tableServiceUri with ' +
    'AzureWebJobsStorage__queueServiceUri',
  (text) => (isConnectionString(text) ? text : undefined),
);

const accountName = ruleOf('the name of a storage account', (text) =>
  /^[a-z0-9]{3,24}$/.test(text) ? text : undefined,
);

/** `AzureWebJobsStorage` as a connection string, or in the form that names services (identity). */
export function readStorage(reader: SettingReader): StorageSettings | undefined {
  const whole = { names: ['AzureWebJobsStorage'], rule: connectionString } as const;
  const tables = { names: ['AzureWebJobsStorage__tableServiceUri'], rule: httpsUrl } as const;
  const queues = { names: ['AzureWebJobsStorage__queueServiceUri'], rule: httpsUrl } as const;
  const account = { names: ['AzureWebJobsStorage__accountName'], rule: accountName } as const;
  const usesIdentity = [tables, queues, account].some((setting) => reader.isSet(setting));
  if (reader.isSet(whole) || !usesIdentity) {
    const text = reader.required(whole);
    return text === undefined ? undefined : { kind: 'connection-string', connectionString: text };
  }
  const name = reader.optional(account);
  const uriOf = (service: string): string | undefined =>
    name === undefined ? undefined : `https://${name}.${service}.core.windows.net`;
  const tableServiceUri =
    name === undefined ? reader.required(tables) : (reader.optional(tables) ?? uriOf('table'));
  const queueServiceUri =
    name === undefined ? reader.required(queues) : (reader.optional(queues) ?? uriOf('queue'));
  const clientId = reader.optional({
    names: ['AzureWebJobsStorage__clientId'],
    rule: identifier('the client id of a managed identity'),
  });
  if (tableServiceUri === undefined || queueServiceUri === undefined) return undefined;
  return {
    kind: 'identity',
    tableServiceUri,
    queueServiceUri,
    ...(clientId === undefined ? {} : { clientId }),
  };
}

function isConnectionString(text: string): boolean {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  const entries = parts.map((part): [string, string] => {
    const cut = part.indexOf('=');
    return cut < 1 ? ['', ''] : [part.slice(0, cut).trim().toLowerCase(), part.slice(cut + 1)];
  });
  if (entries.some(([key, value]) => key === '' || value === '')) return false;
  const has = new Map(entries);
  if (has.get('usedevelopmentstorage')?.toLowerCase() === 'true') return true;
  const isSigned = has.has('accountkey') || has.has('sharedaccesssignature');
  return (
    isSigned && (has.has('accountname') || (has.has('tableendpoint') && has.has('queueendpoint')))
  );
}
