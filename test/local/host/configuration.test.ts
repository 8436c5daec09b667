import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HostConfigurationError } from '../../../local/host/host-errors.ts';
import { parseHostJson, readHostJson } from '../../../local/host/host-json.ts';
import { checkSettings, SCHEDULES } from '../../../shared/config.ts';
import {
  connectionString,
  exemptLoopbackFromProxy,
  isDisabled,
  readLocalSettings,
  resolveSettings,
} from '../../../local/host/settings.ts';

const projectFile = (name: string): string => new URL(`../../../${name}`, import.meta.url).pathname;

describe('host.json', () => {
  it("gives the project's queues a second between looks, 5 tries and 30 s of rest", () => {
    expect(readHostJson(projectFile('host.json'))).toMatchObject({
      routePrefix: '',
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        visibilityTimeoutMs: 30_000,
        maxPollingIntervalMs: 1_000,
        maxDequeueCount: 5,
        messageEncoding: 'base64',
      },
    });
  });

  it("takes the real host's defaults where nothing is said", () => {
    expect(parseHostJson({ version: '2.0' })).toMatchObject({
      routePrefix: 'api',
      queues: { batchSize: 16, newBatchThreshold: 8, maxPollingIntervalMs: 60_000 },
    });
  });

  it('names every bad value', () => {
    const bad = {
      version: '1.0',
      extensions: { queues: { batchSize: 33, visibilityTimeout: 'soon' } },
    };
    expect(() => parseHostJson(bad)).toThrow(HostConfigurationError);
    expect(() => parseHostJson(bad)).toThrow(/version[^]*batchSize[^]*visibilityTimeout/u);
  });
});

describe('local.settings.json', () => {
  const write = (content: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'local.settings.json');
    writeFileSync(file, content);
    return file;
  };

  it('fills in what the environment leaves open, and never replaces it', () => {
    const file = write('{"Values": {"A": "file", "B": "file"}}');
    expect(readLocalSettings(file, { A: 'environment' })).toEqual({ B: 'file' });
  });

  it('is not needed', () => {
    expect(readLocalSettings('/nowhere/local.settings.json', {})).toEqual({});
  });

  it.each(['{"Values": {"A": 1}}', '{"Values": '])('is refused where malformed: %s', (content) => {
    expect(() => readLocalSettings(write(content), {})).toThrow(HostConfigurationError);
  });

  it('has a good example, with the standard schedule of every timer', () => {
    const example = JSON.parse(
      readFileSync(projectFile('local.settings.example.json'), 'utf8'),
    ) as {
      Values: Record<string, string>;
    };
    expect(example.Values).toMatchObject(SCHEDULES);
    expect(checkSettings(example.Values)).toEqual([]);
  });
});

describe('settings', () => {
  it('replace %NAME%, and a missing one is named', () => {
    expect(resolveSettings('a-%X%-b', { X: '1' })).toBe('a-1-b');
    expect(() => resolveSettings('%NOT_THERE%', {})).toThrow(/NOT_THERE/u);
  });

  it('give a connection by its name, with the prefix of the host first', () => {
    expect(connectionString('Data', { Data: 'b', AzureWebJobsData: 'a' })).toBe('a');
    expect(connectionString('Data', { Data: 'b' })).toBe('b');
    expect(() => connectionString('Data', { Data: '' })).toThrow(HostConfigurationError);
  });

  it('disable a function by name', () => {
    expect(isDisabled('tick', { 'AzureWebJobs.tick.Disabled': 'True' })).toBe(true);
    expect(isDisabled('tick', { 'AzureWebJobs.tick.Disabled': 'false' })).toBe(false);
    expect(isDisabled('tick', {})).toBe(false);
  });

  it('keep loopback from a proxy once, in both spellings', () => {
    const environment: Record<string, string | undefined> = {
      NO_PROXY: 'intern.example,localhost',
    };
    exemptLoopbackFromProxy(environment);
    exemptLoopbackFromProxy(environment);
    expect(environment['NO_PROXY']).toBe('intern.example,localhost,127.0.0.1');
    expect(environment['no_proxy']).toBe('127.0.0.1,localhost');
  });
});
