import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../shared/model/errors.ts';
import { StorageError } from '../../../shared/stores/errors.ts';
import { SideError } from '../../../shared/sync/reading.ts';
import { faultOf } from '../../../shared/sync/run-facts.ts';

describe('the fault of a run', () => {
  it('that our own storage brought about names neither calendar system', () => {
    const fault = faultOf(
      new StorageError('unavailable', 'the table sync at 10.0.0.7 did not answer'),
    );
    expect(fault).toEqual({
      kind: 'internal',
      message: 'the run ended unexpectedly (StorageError); see the log',
    });
  });

  it('that a calendar system brought about names its side, what it said, and what to do', () => {
    const fault = faultOf(new SideError('b', new BridgeError('throttled', 'asked to wait (429)')));
    expect(fault.kind).toBe('throttled');
    expect(fault.message).toMatch(/^side b: asked to wait \(429\); .+/);
  });

  it('that is a defect of ours says nothing of its inside', () => {
    expect(faultOf('a secret').message).toBe('the run ended unexpectedly (string); see the log');
  });
});
