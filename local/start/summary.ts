import type { Endpoints } from './endpoints.ts';

/** What a person is shown when everything runs: addresses, keys of this local run, and what to try. */
export function summary(endpoints: Omit<Endpoints, 'pids'>, endpointsFile: string): string {
  const { api, adminKey, tenants, simulators, storage } = endpoints;
  const rows: [string, string][] = [
    ['API', api],
    ['admin key', adminKey],
    ...(simulators === undefined
      ? []
      : ([
          ['Graph (simulated)', simulators.graph],
          ['booking system (simulated)', simulators.booking],
          ['sign-in (simulated)', simulators.authority],
        ] satisfies [string, string][])),
    ['storage (Azurite)', /TableEndpoint=([^;]+)/u.exec(storage)?.[1] ?? storage],
  ];
  for (const { id, apiKey, rooms } of tenants)
    rows.push([`tenant ${id}`, `key ${apiKey}, ${rooms.length} rooms`]);
  rows.push(['all of this', endpointsFile]);

  const width = Math.max(...rows.map(([label]) => label.length));
  const table = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
  const [tenant] = tenants;
  const key = tenant?.apiKey ?? adminKey;
  return [
    '',
    'The bridge runs.',
    '',
    ...table,
    '',
    'Try it:',
    `  curl -H 'X-API-Key: ${key}' ${api}/bridges`,
    `  curl -X POST -H 'x-functions-key: ${adminKey}' '${api}/admin/functions/syncBookingToOutlook?wait=true'`,
    '',
    'The keys open this local run only. Ctrl-C ends it.',
    '',
  ].join('\n');
}
