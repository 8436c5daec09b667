import type { NoticeFormat } from '../notice-format.ts';
import { isObject } from './rest-paths.ts';

/**
 * The generic contract's `{action, resource_id, event_id, event, timestamp, source}`, one a POST. It has
 * neither state nor signature: our state stands in the address that the system was given, and names the
 * resource. An object is enough, since nothing in it is believed.
 */
export const REST_NOTICES: NoticeFormat = {
  read: (body, clientState) => (isObject(body) ? [{ clientState }] : undefined),
};
