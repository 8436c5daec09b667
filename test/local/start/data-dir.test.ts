import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DataDirError,
  prepareDataDir,
  rememberAzuritePorts,
  rememberedAzuritePorts,
} from '../../../local/start/data-dir.ts';
import { endpointsFile } from '../../../local/start/endpoints.ts';
import {
  adminKeyOf,
  caFile,
  hostEnvironment,
  userSettings,
} from '../../../local/start/environment.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'data-dir-'));

describe('the data folder', () => {
  it('is made where there is none, and taken again', () => {
    const root = join(newFolder(), 'a', 'b');
    const { host } = prepareDataDir(root, false);
    mkdirSync(host);
    prepareDataDir(root, false);
    expect(existsSync(host)).toBe(true);
  });

  it('is emptied by --fresh of what npm start put there, and of nothing else', () => {
    const root = newFolder();
    const paths = prepareDataDir(root, false);
    mkdirSync(paths.graph);
    writeFileSync(join(paths.graph, 'graph.jsonl'), 'x');
    writeFileSync(join(root, 'notes.txt'), 'mine');
    prepareDataDir(root, true);
    expect(existsSync(paths.graph)).toBe(false);
    expect(readFileSync(join(root, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it.each([true, false])("is refused where it holds other people's files (fresh: %s)", (fresh) => {
    const root = newFolder();
    mkdirSync(join(root, 'graph'));
    expect(() => prepareDataDir(root, fresh)).toThrow(DataDirError);
    expect(existsSync(join(root, 'graph'))).toBe(true);
  });

  it('loses the endpoints of an earlier run at once', () => {
    const root = newFolder();
    const { endpoints } = prepareDataDir(root, false);
    writeFileSync(endpoints, '{}');
    prepareDataDir(root, false);
    expect(existsSync(endpoints)).toBe(false);
  });

  it("remembers Azurite's ports until --fresh", () => {
    const root = newFolder();
    const paths = prepareDataDir(root, false);
    const ports = { blob: 1, queue: 2, table: 3 };
    rememberAzuritePorts(paths, ports);
    expect(rememberedAzuritePorts(prepareDataDir(root, false))).toEqual(ports);
    expect(rememberedAzuritePorts(prepareDataDir(root, true))).toBeUndefined();
  });
});

describe('endpoints.json', () => {
  const endpoints = { api: 'http://127.0.0.1:1', adminKey: 'k', storage: 's', tenants: [] };

  it('appears when published, follows the process ids, and goes', () => {
    const file = join(newFolder(), 'endpoints.json');
    let pids: Record<string, number> = { host: 1 };
    const published = endpointsFile(file, () => pids);
    published.refresh();
    expect(existsSync(file)).toBe(false);
    published.publish(endpoints);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...endpoints, pids });
    pids = { host: 2 };
    published.refresh();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pids: { host: 2 } });
    published.remove();
    published.refresh();
    expect(existsSync(file)).toBe(false);
  });
});

describe('the environment of the host', () => {
  it("keeps the user's admin key, else makes one that lasts", () => {
    const paths = prepareDataDir(newFolder(), false);
    const made = adminKeyOf({}, paths);
    expect(made).toMatch(/^[\w-]{32}$/u);
    expect(adminKeyOf({}, paths)).toBe(made);
    expect(adminKeyOf({ API_KEY: 'own' }, paths)).toBe('own');
  });

  it("weighs the run's decisions over the user's settings over the defaults", () => {
    const user = {
      SCHEDULE_ALERTS: 'theirs',
      AzureWebJobsStorage: 'theirs',
      APP_BASE_URL: 'theirs',
    };
    const env = hostEnvironment(user, { AzureWebJobsStorage: 'ours' }, 'http://api');
    expect(env).toMatchObject({
      SCHEDULE_ALERTS: 'theirs',
      AzureWebJobsStorage: 'ours',
      APP_BASE_URL: 'theirs',
      WEBHOOK_BASE_URL: 'http://api',
    });
    expect(env['SCHEDULE_HEALTH']).toBeDefined();
  });

  const tenants = {
    OUTLOOK_CLIENT_SECRET: 'x',
    OSLO_OUTLOOK_TENANT_ID: 'x',
    OSLO_BOOKING_API_URL: 'x',
    BOOKING_SYSTEM_PASSWORD: 'x',
    TENANT_MODE: 'single',
    DEFAULT_TENANT: 'oslo',
  };
  const others = { SCHEDULE_BOOKING_TO_OUTLOOK: 'kept', PATH: 'kept' };

  it("leaves a user's tenants out of a demo", () => {
    const settings = userSettings({ ...tenants, ...others }, { demo: true, simulators: true });
    expect(settings).toEqual({ ...others, TENANT_MODE: 'multi' });
  });

  it("keeps a user's tenants without a demo, and may have none with the simulators", () => {
    const all = { ...tenants, ...others };
    expect(userSettings(all, { demo: false, simulators: true })).toEqual(all);
    expect(userSettings(others, { demo: false, simulators: true })).toEqual({
      ...others,
      TENANT_MODE: 'multi',
    });
    expect(userSettings(others, { demo: false, simulators: false })).toEqual(others);
  });

  it("adds the authority's certificate to the user's own", () => {
    const root = newFolder();
    const paths = prepareDataDir(root, false);
    mkdirSync(paths.authority);
    writeFileSync(join(paths.authority, 'ca.pem'), 'AUTHORITY\n');
    const users = join(root, 'company.pem');
    writeFileSync(users, 'COMPANY');
    expect(caFile({}, paths)).toBe(join(paths.authority, 'ca.pem'));
    const bundle = caFile({ NODE_EXTRA_CA_CERTS: users }, paths);
    expect(readFileSync(bundle, 'utf8')).toBe('COMPANY\nAUTHORITY\n');
  });
});
