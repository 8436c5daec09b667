/** The bearer token of a request. */
export function bearerOf(request: Request): string | undefined {
  return /^bearer\s+(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** As the path names it: an address or an object id. */
export function userOf(pathname: string): string | undefined {
  const user = /^\/v1\.0\/users\/([^/]+)/.exec(pathname)?.[1];
  if (user === undefined) return undefined;
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
