import type { Locale } from './tenant-config.ts';

const TITLES: Readonly<Record<Locale, string>> = {
  nb: 'Opptatt',
  nn: 'Oppteken',
  en: 'Busy',
};

/** Stands where an event has no title, or none that may be shown. */
export function defaultTitleOf({ locale }: { readonly locale: Locale }): string {
  return TITLES[locale];
}
