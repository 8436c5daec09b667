import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errors, jwtVerify, SignJWT } from 'jose';

/** Life of an access token as Entra ID issues it, in seconds. */
export const TOKEN_LIFETIME_SECONDS = 3600;

const GRAPH_AUDIENCE = 'https://graph.microsoft.com';

/** A token for Graph: the public cloud's audience, or a simulator's own origin. */
const GRAPH_AUDIENCES =
  /^(?:https:\/\/(?:graph|dod-graph|microsoftgraph)\.[a-z.]+|https?:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?)\/?$/;

/** Name of the key's file in the authority's data directory. */
export const SIGNING_KEY_FILE = 'token-signing.key';

/**
 * The key that the authority signs with and the simulators verify with, kept in `file`. Whoever
 * comes first makes it; processes that start together agree on one.
 */
export function signingKey(file: string): Uint8Array {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const own = `${file}.${process.pid}`;
    writeFileSync(own, randomBytes(32), { mode: 0o600 });
    try {
      linkSync(own, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(own);
    }
  }
  return readFileSync(file);
}

/** Signs an access token of an app in a tenant. `exp` is in real time, as clients cache by it. */
export async function mintToken(options: {
  key: Uint8Array;
  tenantId: string;
  clientId?: string;
  /** Resource the token is for. */
  audience?: string;
  lifetimeSeconds?: number;
}): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { tenantId, clientId = 'simulator' } = options;
  return await new SignJWT({ tid: tenantId, appid: clientId, ver: '1.0', idtyp: 'app' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(`https://sts.windows.net/${tenantId}/`)
    .setSubject(clientId)
    .setAudience(options.audience ?? GRAPH_AUDIENCE)
    .setIssuedAt(nowSeconds)
    // Two tokens of one second are two tokens.
    .setJti(randomUUID())
    .setNotBefore(nowSeconds)
    .setExpirationTime(nowSeconds + (options.lifetimeSeconds ?? TOKEN_LIFETIME_SECONDS))
    .sign(options.key);
}

/**
 * Whose token it is.
 * @throws Error saying why the token is refused.
 */
export async function verifyGraphToken(
  token: string,
  key: Uint8Array,
): Promise<{ tenantId: string; clientId: string }> {
  const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] }).catch(
    (cause: unknown) => {
      const expired = cause instanceof errors.JWTExpired;
      const why = expired
        ? 'Lifetime validation failed, the token is expired.'
        : 'Access token validation failure. Invalid token.';
      throw new Error(why, { cause });
    },
  );
  const audiences = [payload.aud ?? []].flat();
  if (!audiences.some((audience) => GRAPH_AUDIENCES.test(audience)))
    throw new Error('Access token validation failure. Invalid audience.');
  if (typeof payload['tid'] !== 'string')
    throw new Error('Access token validation failure. The token names no tenant.');
  const clientId = payload['appid'];
  return { tenantId: payload['tid'], clientId: typeof clientId === 'string' ? clientId : '' };
}
