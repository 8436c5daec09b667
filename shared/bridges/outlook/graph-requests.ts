/** Every request that the bridge makes: method, and path below `/v1.0` with the names of its ids. */
export const REQUESTS = [
  'POST /$batch',
  'GET /users/{user-id}/calendarView/delta',
  'GET /users/{user-id}/events',
  'POST /users/{user-id}/events',
  'GET /users/{user-id}/events/{event-id}',
  'PATCH /users/{user-id}/events/{event-id}',
  'DELETE /users/{user-id}/events/{event-id}',
  'GET /users/{user-id}/calendarView',
  'GET /places/microsoft.graph.room',
  'GET /places/microsoft.graph.roomList',
  'GET /places/{place-id}/microsoft.graph.roomList/rooms',
  'GET /groups/{group-id}/members',
  'POST /subscriptions',
  'GET /subscriptions',
  'PATCH /subscriptions/{subscription-id}',
  'DELETE /subscriptions/{subscription-id}',
] as const;

type RequestName = (typeof REQUESTS)[number];
type MethodOf<Name> = Name extends `${infer Method} ${string}` ? Method : never;

declare const graphPath: unique symbol;
/** A path with its query, everything encoded: one of `REQUESTS`, or a link that Graph gave. */
export type GraphPath = string & { readonly [graphPath]: true };

/**
 * @param ids For the names in the path, in their order.
 * @param query Encoded.
 */
export function graphRequest<Name extends RequestName>(
  name: Name,
  ids: readonly string[] = [],
  query = '',
): { readonly method: MethodOf<Name>; readonly path: GraphPath } {
  const [method = '', template = ''] = name.split(' ');
  let at = 0;
  const path = template.replaceAll(/\{[^}]+\}/g, () => encodeURIComponent(ids[at++] ?? ''));
  return {
    method: method as MethodOf<Name>,
    path: (query === '' ? path : `${path}?${query}`) as GraphPath,
  };
}
