import * as z from 'zod';
import { parseTimeZone } from '../../model/time.ts';
import { LOCALES, type BridgeSettings } from '../../tenants/tenant-config.ts';
import { BridgeSettingsError } from '../bridge-manager.ts';

const required = z.string().trim().min(1, 'must not be empty');

/** The booking system of Portico Estate: a session by login, Oslo wall clock. */
const PorticoSchema = z.object({
  profile: z.literal('portico', 'must be one of: generic, portico'),
  /** Where `/login` and `/booking/...` are; without a trailing slash. */
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
    .transform((url) => url.replace(/\/+$/, '')),
  login: required,
  password: z.string().min(1, 'must not be empty'),
  /** Its name for the municipality (`logindomain`). */
  domain: required,
  /** In which rows that have no description of their own are described. */
  locale: z.enum(LOCALES).default('nb'),
  /** Zone of its wall clock. */
  timeZone: z
    .string()
    .default('Europe/Oslo')
    .transform((name, context) => {
      const zone = parseTimeZone(name);
      if (zone !== undefined) return zone;
      context.addIssue({ code: 'custom', message: 'must be an IANA zone name' });
      return z.NEVER;
    }),
});

export type PorticoSettings = z.output<typeof PorticoSchema>;

/** @throws BridgeSettingsError that names every bad value, and holds none of them. */
export function parseBookingSettings({ values }: BridgeSettings): PorticoSettings {
  const parsed = PorticoSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new BridgeSettingsError(
    parsed.error.issues.map(({ path, message }) => ({ name: path.join('.'), message })),
  );
}
