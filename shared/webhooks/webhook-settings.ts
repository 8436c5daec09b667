import { hashOf, type BridgeKey, type ResourceId, type TenantId } from '../model/ids.ts';
import { clientStateOf } from './client-state.ts';

/** Where systems reach us, and what shows that they were asked to. */
export interface WebhookSettings {
  /** Scheme, host and path before ours, without a slash at the end. */
  readonly baseUrl: string;
  /** The present one first; earlier ones stay good as long as subscriptions made with them live. */
  readonly secrets: readonly [string, ...string[]];
}

/** Moves with the address and the secret; says nothing of either. */
export function termsOf(
  { baseUrl, secrets: [secret] }: WebhookSettings,
  tenantId: TenantId,
  bridge: BridgeKey,
  resource: ResourceId,
): string {
  const state = clientStateOf(secret, tenantId, bridge, resource);
  return hashOf(JSON.stringify([baseUrl, state])).slice(0, 22);
}
