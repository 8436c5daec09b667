import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lazyServices } from '../../functions/lazy-services.ts';
import { SettingsError } from '../../shared/tenants/settings-error.ts';

describe('services that are built when first asked for', () => {
  beforeEach(() => {
    vi.stubEnv('AzureWebJobsStorage', 'UseDevelopmentStorage=true');
    vi.stubEnv('TENANT_MODE', 'multi');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('are built once, also for those who ask at the same time', async () => {
    let builds = 0;
    const lazy = lazyServices(async () => (builds += 1));
    expect(builds).toBe(0);
    expect(await Promise.all([lazy(), lazy()])).toEqual([1, 1]);
    expect(await lazy()).toBe(1);
  });

  it('are tried again after a fault that may pass', async () => {
    let builds = 0;
    const lazy = lazyServices(async () => {
      builds += 1;
      if (builds === 1) throw new Error('storage is down');
      return builds;
    });
    await expect(lazy()).rejects.toThrow('storage is down');
    expect(await lazy()).toBe(2);
  });

  it('are not built from bad settings', async () => {
    vi.stubEnv('AzureWebJobsStorage', '');
    let builds = 0;
    const lazy = lazyServices(async () => (builds += 1));
    await expect(lazy()).rejects.toThrow(SettingsError);
    await expect(lazy()).rejects.toThrow('AzureWebJobsStorage');
    expect(builds).toBe(0);
  });
});
