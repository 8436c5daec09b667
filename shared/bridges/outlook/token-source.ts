import type { TokenCredential } from '@azure/identity';
import { BridgeError } from '../../model/errors.ts';

/** Where bearer tokens for Graph come from. */
export interface TokenSource {
  /**
   * @param options.renew The last token was refused: do not give it again.
   * @throws BridgeError `auth-rejected` with the operator's next step, or `unavailable`.
   */
  token(options: { readonly renew: boolean }): Promise<string>;
}

const TIMEOUT_MS = 30_000;

/**
 * Tokens of an Azure credential. Credentials keep their own cache but do not join calls that are
 * under way, so the pending promise is shared; a new credential is the way past the cache.
 */
export function credentialTokens(make: () => TokenCredential, scope: string): TokenSource {
  let credential: TokenCredential | undefined;
  let pending: { readonly renewed: boolean; readonly token: Promise<string> } | undefined;

  const fetchToken = async (renew: boolean): Promise<string> => {
    try {
      if (renew || credential === undefined) credential = make();
      const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
      const token = await credential.getToken(scope, { abortSignal });
      if (token === null) throw new Error('the credential gave no token');
      return token.token;
    } catch (error) {
      throw signInFault(error);
    }
  };

  return {
    token: ({ renew }) => {
      if (pending !== undefined && (pending.renewed || !renew)) return pending.token;
      const started = { renewed: renew, token: fetchToken(renew) };
      pending = started;
      const settle = (): void => {
        if (pending === started) pending = undefined;
      };
      started.token.then(settle, settle);
      return started.token;
    },
  };
}

/** What to do about the codes of Microsoft Entra (https://learn.microsoft.com/entra/identity-platform/reference-error-codes). */
const ADVICE: Readonly<Record<string, string>> = {
  AADSTS7000215: 'the client secret is wrong: enter its value, not its id',
  AADSTS7000222: 'the client secret has expired: make a new one and enter it',
  AADSTS700016: 'the app is not known in this tenant: check client id and tenant id',
  AADSTS700027: 'the client assertion was not taken: check the federated credential',
  AADSTS70021: 'no federated credential fits: check issuer, subject and audience',
  AADSTS700213: 'no federated credential fits: check issuer, subject and audience',
  AADSTS90002: 'the tenant does not exist: check the tenant id',
  AADSTS900023: 'the tenant id is no tenant id: check it',
  AADSTS65001: 'nobody has consented: grant admin consent to the app',
  AADSTS7000112: 'the app is disabled in the tenant: enable it',
  AADSTS500011: 'Graph is not known under this address: check the Graph address',
};

/** Entra's own words for "try again". */
const TRANSIENT = new Set(['AADSTS90033', 'AADSTS90006', 'AADSTS90012', 'AADSTS50053']);

/** How the libraries word an answer that is neither a token nor a refusal: a page, or empty JSON. */
const NO_TOKEN = /Http status message:\s*<|no "\w+" property/;
const NETWORK =
  /AbortError|TimeoutError|network_error|endpoints_resolution|ECONN|ENOTFOUND|EAI_AGAIN|fetch/i;

function signInFault(error: unknown): BridgeError {
  const text = error instanceof Error ? `${error.name} ${error.message}` : String(error);
  const code = /AADSTS\d+/.exec(text)?.[0];
  const status = statusBehind(error);
  const details = {
    cause: error,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
  };
  const isBusy = status !== undefined && (status === 429 || status >= 500);
  if (isBusy || (code === undefined ? NETWORK.test(text) : TRANSIENT.has(code)))
    return new BridgeError('unavailable', 'the sign-in service did not answer', details);
  if (code === undefined && NO_TOKEN.test(text))
    return new BridgeError(
      'invalid-response',
      'the sign-in service answered with something that is no token; ' +
        'a proxy or sign-in page may stand between',
      details,
    );
  const advice =
    (code === undefined ? undefined : ADVICE[code]) ??
    'check tenant id, client id, client secret and authority host';
  return new BridgeError(
    'auth-rejected',
    `sign-in to Microsoft 365 was refused${code === undefined ? '' : ` (${code})`}: ${advice}`,
    details,
  );
}

/** The HTTP status that MSAL's own error has, inside of the credential's. */
function statusBehind(error: unknown): number | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null || !('status' in cause)) return undefined;
  return typeof cause.status === 'number' ? cause.status : undefined;
}
