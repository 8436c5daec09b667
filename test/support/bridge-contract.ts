import { describe, expect, it } from 'vitest';
import { describeChanges } from './bridge-contract/changes.ts';
import { describeContent } from './bridge-contract/content.ts';
import { stage, type BridgeHarness } from './bridge-contract/harness.ts';
import { describeReading } from './bridge-contract/reading.ts';
import { describeWriting } from './bridge-contract/writing.ts';

export { CONTRACT_NOW, WINDOW, type BridgeHarness } from './bridge-contract/harness.ts';

/**
 * What the engine relies on in every bridge, whatever system is behind it. A test of an ability that
 * the bridge does not declare is skipped, with the reason. `make` gives each test a system of its
 * own (or an empty resource), whose clock shows `CONTRACT_NOW`.
 */
export function describeBridgeContract(name: string, make: () => Promise<BridgeHarness>): void {
  describe(`bridge contract: ${name}`, () => {
    it('lists its resources and is healthy', async () => {
      const scene = await stage(make);
      const { bridge, resource } = scene.harness;
      const resources = await bridge.listResources();
      expect(resources.map(({ id }) => id)).toContain(resource);
      expect(await bridge.checkHealth()).toMatchObject({ status: 'healthy' });
    });
    describeReading(make);
    describeChanges(make);
    describeWriting(make);
    describeContent(make);
  });
}
