import type { TenantId } from '../model/ids.ts';

/** Another path of a route. */
export interface Alias {
  readonly path: string;
  /** Parameters of the route that the path stands for. */
  readonly params?: Readonly<Record<string, string>>;
  /** A path of the earlier service, which goes in a later version. */
  readonly deprecated?: true;
}

/** One of the paths under which a route is found. */
export interface Place {
  readonly path: string;
  readonly operationId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tenantInPath: boolean;
  readonly deprecated: boolean;
}

interface Placed {
  readonly name: string;
  readonly path: string;
  readonly access: 'key' | 'open';
  readonly aliases: readonly Alias[];
}

/** The route's own path, the one with its tenant (which an admin can use in place of a header), and aliases. */
export function placesOf({ name, path, access, aliases }: Placed): readonly Place[] {
  const plain = { params: {}, tenantInPath: false, deprecated: false };
  const tenants = {
    ...plain,
    path: `tenants/{tenant}/${path}`,
    operationId: `${name}OfTenant`,
    tenantInPath: true,
  };
  return [
    { ...plain, path, operationId: name },
    ...(access === 'key' ? [tenants] : []),
    ...aliases.map((alias) => ({
      ...plain,
      path: alias.path,
      operationId: `${name}At${pascal(alias.path)}`,
      params: alias.params ?? {},
      deprecated: alias.deprecated === true,
    })),
  ];
}

/** A name for the function of a path: letters, digits, at most 128 of them. */
export function functionNameOf(path: string): string {
  const name = pascal(path);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function pascal(path: string): string {
  return path
    .replaceAll('{', 'by-')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Where the same thing is found with its tenant named. */
export function successorOf(
  path: string,
  params: Readonly<Record<string, string>>,
  tenantId: TenantId,
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((params[name] ?? '').toWellFormed()),
  );
  return `/tenants/${tenantId}/${filled}`;
}
