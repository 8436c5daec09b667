import * as z from 'zod';
import type { Account, BookingStore } from './store.ts';

const headerName = z.string().regex(/^[\w-]+$/, 'must be the name of a header');
const key = z.string().regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces');

/** How a caller shows who it is. One key a domain, and the key decides the domain. */
const AuthSchema = z.discriminatedUnion('type', [
  /** `Authorization: Bearer KEY` */
  z.object({ type: z.literal('bearer'), key }),
  /** `X-API-Key: KEY` */
  z.object({ type: z.literal('api_key'), key, header: headerName.default('X-API-Key') }),
  /** `HEADER: PREFIX` and the key right behind it; a space between them is part of the prefix. */
  z.object({
    type: z.literal('header'),
    key,
    header: headerName,
    prefix: z
      .string()
      .regex(/^[\x20-\x7e]*$/, 'must be ASCII')
      .default(''),
  }),
  /** `Authorization: Basic ...` with one of the domain's accounts. */
  z.object({ type: z.literal('basic') }),
]);

/** What a domain's generic interface is like; also the form it has in a seed. */
export const GenericSchema = z.object({
  auth: AuthSchema,
  /** Lists come under their own name (`{resources}`), as `{data}`, or bare. */
  wrapper: z.enum(['named', 'data', 'bare']).default('named'),
  /** The member that names a new event. */
  createdId: z.enum(['event_id', 'id']).default('event_id'),
});

export type GenericSettings = z.output<typeof GenericSchema>;

/** A header line that lets its bearer in. Names are in lower case. */
interface Credential {
  header: string;
  value: string;
}

/** Every header line that opens a domain with these settings and accounts. */
function credentials({ auth }: GenericSettings, accounts: readonly Account[]): Credential[] {
  switch (auth.type) {
    case 'bearer':
      return [{ header: 'authorization', value: `Bearer ${auth.key}` }];
    case 'api_key':
      return [{ header: auth.header.toLowerCase(), value: auth.key }];
    case 'header':
      return [{ header: auth.header.toLowerCase(), value: normal(auth.prefix + auth.key) }];
    case 'basic':
      return accounts.map(({ login, password }) => ({
        header: 'authorization',
        value: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`,
      }));
  }
}

/** Names of schemes are the same in any case (RFC 9110, 11.1); blanks at the ends do not count. */
function normal(value: string): string {
  return value
    .trim()
    .replace(/^bearer +/i, 'Bearer ')
    .replace(/^basic +/i, 'Basic ');
}

/** The domain that a request's headers open. */
export function domainOfRequest(store: BookingStore, headers: Headers): string | undefined {
  for (const [domain, settings] of store.generic.entries())
    for (const { header, value } of credentials(settings, store.accountsOf(domain)))
      if (normal(headers.get(header) ?? '') === value) return domain;
  return undefined;
}

/** A domain as it would be after a seed. */
export interface SeededAccess {
  domain: string;
  generic: GenericSettings;
  accounts: readonly Account[];
}

/** Why these domains cannot stand side by side: nobody can come in, or a key opens two of them. */
export function accessProblem(domains: readonly SeededAccess[]): string | undefined {
  const owners = new Map<string, string>();
  for (const { domain, generic, accounts } of domains) {
    if (generic.auth.type === 'basic' && accounts.length === 0)
      return `${domain}: generic.auth basic needs an account`;
    if (generic.auth.type === 'basic' && accounts.some(({ login }) => login.includes(':')))
      return `${domain}: a login of basic must not hold a colon`;
    for (const { header, value } of credentials(generic, accounts)) {
      const owner = owners.get(`${header}: ${value}`);
      if (owner !== undefined) return `${domain}: its key opens ${owner} as well`;
      owners.set(`${header}: ${value}`, domain);
    }
  }
  return undefined;
}
