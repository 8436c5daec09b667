import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hashOf,
  mappingIdOf,
  otherSide,
  pairIdOf,
  type BridgeKey,
  type Endpoint,
  type ExternalId,
  type ResourceId,
  type TenantId,
} from '../../../shared/model/ids.ts';

const TOWN = 'town' as TenantId;
const end = (bridge: string, resource: string): Endpoint => ({
  bridge: bridge as BridgeKey,
  resource: resource as ResourceId,
});

describe('ids', () => {
  it('are safe in table keys, whatever they are made from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(hashOf(text)).toMatch(/^[\w-]{43}$/);
        expect(mappingIdOf('a', text as ExternalId)).toMatch(/^m:a:[\w-]{43}$/);
        expect(pairIdOf(TOWN, end('x', text), end('y', text))).toMatch(/^[\w-]{22}$/);
      }),
    );
  });

  it('of a mapping tell the sides apart', () => {
    const id = 'event:1' as ExternalId;
    expect(mappingIdOf('a', id)).not.toBe(mappingIdOf('b', id));
    expect(mappingIdOf('a', id)).toBe(mappingIdOf('a', id));
  });

  it('of a pair are the same whichever end comes first, and however an address is spelled', () => {
    const one = end('outlook', 'Room@Town.example');
    const other = end('booking', '12');
    expect(pairIdOf(TOWN, one, other)).toBe(pairIdOf(TOWN, other, one));
    expect(pairIdOf(TOWN, end('outlook', 'room@town.example'), other)).toBe(
      pairIdOf(TOWN, one, other),
    );
  });

  it('of a pair differ by tenant, bridge and resource', () => {
    const ids = [
      pairIdOf(TOWN, end('outlook', 'a'), end('booking', 'b')),
      pairIdOf('city' as TenantId, end('outlook', 'a'), end('booking', 'b')),
      pairIdOf(TOWN, end('outlook', 'b'), end('booking', 'a')),
      pairIdOf(TOWN, end('outlook', 'a'), end('outlook', 'b')),
      pairIdOf(TOWN, end('outlook', 'a","b'), end('booking', 'b')),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('the other side of the other side is the side', () => {
    expect(otherSide('a')).toBe('b');
    expect(otherSide('b')).toBe('a');
  });
});
