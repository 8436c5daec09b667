import { openApiDocument } from '../openapi.ts';
import { render, requestIdOf } from '../render.ts';
import { openRoute, type Route } from '../route.ts';
import { OpenApi } from '../schemas/service.ts';

/**
 * @param routes The whole table, this one included.
 */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let document: object | undefined;
  return openRoute({
    name: 'openApi',
    method: 'GET',
    path: 'openapi.json',
    summary: 'this description of every route, in OpenAPI 3.1',
    answers: { 200: OpenApi },
    // Made when it is first asked for: a cold start does not wait for it.
    serve: () => async (request) => {
      document ??= openApiDocument(routes());
      const headers = { 'Cache-Control': 'public, max-age=3600' };
      return render({ body: document }, requestIdOf(request), headers);
    },
  });
}
