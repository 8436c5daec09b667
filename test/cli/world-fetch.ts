import type { HttpMethod } from '@azure/functions';
import type { World } from '../shared/http/fixture.ts';

/** The functions of a world as a deployment that the command line can ask. */
export function fetchOf({ call }: World): typeof fetch {
  return async (address, init = {}) => {
    const url = new URL(address instanceof Request ? address.url : address);
    const { status, headers, body } = await call(
      (init.method ?? 'GET') as HttpMethod,
      `${url.pathname}${url.search}`,
      {
        headers: init.headers as Record<string, string>,
        ...(typeof init.body === 'string' ? { text: init.body } : {}),
      },
    );
    return new Response(JSON.stringify(body), { status, headers });
  };
}
