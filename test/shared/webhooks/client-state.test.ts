import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  resourceHashOf,
  type BridgeKey,
  type ResourceId,
  type TenantId,
} from '../../../shared/model/ids.ts';
import { clientStateOf, readClientState } from '../../../shared/webhooks/client-state.ts';

const [TOWN, OTHER] = ['town', 'other'] as TenantId[] as [TenantId, TenantId];
const OUTLOOK = 'outlook' as BridgeKey;
const ROOM = 'room@town.example' as ResourceId;

describe('the state that notices carry', () => {
  it('leads to its resource, for its tenant and bridge, under the present secret or the one before', () => {
    const state = clientStateOf('new', TOWN, OUTLOOK, ROOM);
    const hash = resourceHashOf(ROOM);
    expect(state.length).toBeLessThanOrEqual(128);
    expect(readClientState(['new'], TOWN, OUTLOOK, state)).toBe(hash);
    expect(readClientState(['newer', 'new'], TOWN, OUTLOOK, state)).toBe(hash);
    expect(readClientState(['newer'], TOWN, OUTLOOK, state)).toBeUndefined();
    expect(readClientState(['new'], OTHER, OUTLOOK, state)).toBeUndefined();
    expect(readClientState(['new'], TOWN, 'google' as BridgeKey, state)).toBeUndefined();
  });

  it('is the same in whatever case the resource is written', () => {
    const upper = ROOM.toUpperCase() as ResourceId;
    expect(clientStateOf('s', TOWN, OUTLOOK, upper)).toBe(clientStateOf('s', TOWN, OUTLOOK, ROOM));
  });

  it('cannot be made without a secret, nor changed in any letter', () => {
    const state = clientStateOf('secret', TOWN, OUTLOOK, ROOM);
    fc.assert(
      fc.property(fc.nat(state.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, to) => {
        const changed = state.slice(0, at) + to + state.slice(at + 1);
        fc.pre(changed !== state);
        expect(readClientState(['secret'], TOWN, OUTLOOK, changed)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readClientState(['secret'], TOWN, OUTLOOK, text)).toBeUndefined();
      }),
    );
  });
});
