import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import * as z from 'zod';

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 365;

const StoredSchema = z.object({
  ca: z.object({ key: z.string(), cert: z.string() }),
  leaf: z.object({ key: z.string(), cert: z.string() }),
});
type Stored = z.output<typeof StoredSchema>;

/** What the authority serves TLS with, and the file of the CA that its clients must trust. */
export interface Certificates {
  key: string;
  cert: string;
  caPem: string;
  caFile: string;
}

/**
 * A CA and a server certificate for loopback (and `host`), kept in the data directory and made anew
 * where they are missing, damaged, about to expire, or made for another host.
 */
export async function loadCertificates(dataDir: string, host: string): Promise<Certificates> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'tls.json');
  const caFile = join(dataDir, 'ca.pem');
  let stored = readStored(file);
  if (stored === undefined || !isUsable(stored, host)) {
    stored = await makeCertificates(host);
    writeFileSync(file, JSON.stringify(stored), { mode: 0o600 });
  }
  writeFileSync(caFile, stored.ca.cert);
  return { ...stored.leaf, caPem: stored.ca.cert, caFile };
}

function readStored(file: string): Stored | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return StoredSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch (error) {
    // A file cut short by a kill is as good as none.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isUsable({ ca, leaf }: Stored, host: string): boolean {
  const [authority, server] = [new X509Certificate(ca.cert), new X509Certificate(leaf.cert)];
  const inADay = Date.now() + DAY_MS;
  return (
    [authority, server].every(({ validTo }) => Date.parse(validTo) > inADay) &&
    server.verify(authority.publicKey) &&
    (isIp(host) ? server.checkIP(host) : server.checkHost(host)) !== undefined
  );
}

async function makeCertificates(host: string): Promise<Stored> {
  const base = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const dates = {
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + LIFETIME_DAYS * DAY_MS),
  };
  const ca = await generate([{ name: 'commonName', value: 'Calendar bridge local CA' }], {
    ...base,
    ...dates,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true },
    ],
  });
  const names = new Set(['127.0.0.1', '::1', 'localhost', host]);
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...base,
    ...dates,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...names].map((name) =>
          isIp(name) ? { type: 7, ip: name } : { type: 2, value: name },
        ),
      },
    ],
  });
  return {
    ca: { key: ca.private, cert: ca.cert },
    leaf: { key: leaf.private, cert: leaf.cert },
  };
}

function isIp(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
