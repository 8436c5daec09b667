import type { Alias } from '../places.ts';

/** Where the resource mappings are. */
export const MAPPINGS = 'mappings/resources';

/** The same under the names that its clients know. */
export function mappingAliases(rest: string): readonly Alias[] {
  return [
    { path: `bridges/resource-mappings${rest}` },
    { path: `resource-mappings${rest}` },
    { path: `resource-mapping${rest}`, deprecated: true },
  ];
}
