import { describe, expect, it } from 'vitest';
import { BridgeSettingsError } from '../../../../shared/bridges/bridge-manager.ts';
import {
  parseRestSettings,
  type RestSettings,
} from '../../../../shared/bridges/rest/rest-settings.ts';
import { VALUES } from './rest-stage.ts';

function parse(values: Record<string, string> = {}): RestSettings {
  return parseRestSettings({ kind: 'rest', values: { ...VALUES, ...values } });
}

/** Names of the settings that are refused, and the whole message. */
function refusal(values: Record<string, string | undefined>): { names: string[]; text: string } {
  const all = Object.entries({ ...VALUES, ...values }).filter(([, value]) => value !== undefined);
  try {
    parseRestSettings({ kind: 'rest', values: Object.fromEntries(all) });
  } catch (error) {
    if (!(error instanceof BridgeSettingsError)) throw error;
    return { names: error.issues.map(({ name }) => name), text: error.message };
  }
  throw new Error('these settings were taken');
}

const endpoints = (overrides: object): { endpoints: string } => ({
  endpoints: JSON.stringify(overrides),
});
const mappings = (tables: object): { fieldMappings: string } => ({
  fieldMappings: JSON.stringify(tables),
});

describe('settings of a REST calendar', () => {
  it('are the generic contract where they say no more than where and by which key', () => {
    const settings = parse({ profile: 'generic' });
    expect(settings).toMatchObject({
      baseUrl: VALUES.baseUrl,
      auth: { header: 'Authorization', value: `Bearer ${VALUES.apiKey}` },
      times: { format: 'utc', zone: 'Europe/Oslo' },
      exclusiveSlots: true,
    });
    expect(settings.endpoints.update_event).toMatchObject({
      method: 'PUT',
      url: '/api/resources/{resource_id}/events/{event_id}',
    });
    expect(settings.endpoints.get_event).toBeUndefined();
  });

  it.each([
    ['bearer', {}, 'Authorization', 'Bearer secret-key-1'],
    ['bearer', { authPrefix: 'Token' }, 'Authorization', 'Token secret-key-1'],
    ['api_key', {}, 'X-API-Key', 'secret-key-1'],
    ['api_key', { authHeader: 'X-Town' }, 'X-Town', 'secret-key-1'],
    ['header', { authHeader: 'X-Auth', authPrefix: 'Key' }, 'X-Auth', 'Key secret-key-1'],
    ['basic', { login: 'bø', password: 'p:w' }, 'Authorization', 'Basic YsO4OnA6dw=='],
  ])('make the header of %s with %j', (authType, more, header, value) => {
    expect(parse({ authType, ...more }).auth).toEqual({ header, value });
  });

  it('change the endpoints they name, member by member', () => {
    const { endpoints: made } = parse(
      endpoints({
        list_events: { params: { from: '{start}' } },
        get_event: { url: '/events/{event_id}' },
        list_groups: null,
      }),
    );
    expect(made.list_events).toEqual({
      method: 'GET',
      url: '/api/resources/{resource_id}/events',
      params: { from: '{start}' },
      body: {},
    });
    expect(made.get_event).toMatchObject({ method: 'GET', url: '/events/{event_id}' });
    expect(made.list_groups).toBeUndefined();
  });

  it('may name whole addresses on the same host alone, since the key goes along', () => {
    const at = (url: string): object => ({ list_events: { url } });
    expect(
      parse(endpoints(at('https://calendar.example/v2/{resource_id}'))).endpoints.list_events.url,
    ).toBe('https://calendar.example/v2/{resource_id}');
    for (const url of [
      'https://evil.example/{resource_id}',
      'https://calendar.example.evil.example/{resource_id}',
      'https://calendar.example@evil.example/{resource_id}',
      'http://calendar.example/{resource_id}',
      'evil/{resource_id}',
      '/x/{resource_id}#top',
    ]) {
      expect(refusal(endpoints(at(url))).names).toEqual(['endpoints.list_events.url']);
    }
  });

  it('that lack a key or a header name what is missing', () => {
    expect(refusal({ apiKey: undefined }).names).toEqual(['apiKey']);
    expect(refusal({ authType: 'header' }).names).toEqual(['authHeader']);
    expect(refusal({ authType: 'basic' }).names).toEqual(['login', 'password']);
  });

  it('are refused with every bad name at once, and without any value', () => {
    const { names, text } = refusal({
      baseUrl: 'ftp://pasted',
      authType: 'pasted',
      apiKey: 'pasted\n',
      authHeader: 'pasted pasted',
      endpoints: 'pasted',
      fieldMappings: '["pasted"]',
      responseDataKey: 'pasted..pasted',
      timeZone: 'Pasted/Zone',
      timeFormat: 'pasted',
      titleCharsMax: 'pasted',
      exclusiveSlots: 'pasted',
    });
    expect(names.sort()).toEqual(
      [
        'apiKey',
        'authHeader',
        'authType',
        'baseUrl',
        'endpoints',
        'exclusiveSlots',
        'fieldMappings',
        'responseDataKey',
        'timeFormat',
        'timeZone',
        'titleCharsMax',
      ].sort(),
    );
    expect(text).not.toMatch(/pasted/i);
  });

  it.each([
    [{ list_evnts: { url: '/x' } }, 'endpoints.list_evnts'],
    [{ list_events: null }, 'endpoints.list_events'],
    [{ list_events: { url: '/x/{room}' } }, 'endpoints.list_events.url'],
    [{ create_event: { url: '/{resource_id}/{event_id}' } }, 'endpoints.create_event.url'],
    [{ list_events: { params: { from: '{begin}' } } }, 'endpoints.list_events.params.from'],
    [{ list_events: { method: 'DELETE' } }, 'endpoints.list_events.method'],
    [{ create_event: { method: 'GET' } }, 'endpoints.create_event.method'],
    [{ list_events: { body: { a: 1 } } }, 'endpoints.list_events.body'],
    [{ list_events: { nextParam: 'page' } }, 'endpoints.list_events.nextParam'],
    [{ create_event: { next: 'more' } }, 'endpoints.create_event.next'],
    [{ create_event: { sends: 'all' } }, 'endpoints.create_event.sends'],
    [{ list_events: { next: '__proto__.x' } }, 'endpoints.list_events.next'],
    [{ update_event: { url: '/events' } }, 'endpoints.update_event'],
    [{ delete_event: { url: '/events/{resource_id}' } }, 'endpoints.delete_event'],
    [{ get_event: {} }, 'endpoints.get_event.url'],
    [{ create_event: { url: '/events' } }, 'endpoints.create_event'],
    [{ list_events: 7 }, 'endpoints.list_events'],
    [{ subscribe_webhook: { body: {} } }, 'endpoints.subscribe_webhook'],
    [{ subscribe_webhook: { url: '/x/{event_id}' } }, 'endpoints.subscribe_webhook.url'],
    [{ unsubscribe_webhook: { url: '/x' } }, 'endpoints.unsubscribe_webhook'],
    [{ unsubscribe_webhook: null }, 'endpoints.subscribe_webhook'],
  ])('refuse the endpoints %j by name', (overrides, name) => {
    expect(refusal(endpoints(overrides)).names).toContain(name);
  });

  it.each([
    [{ to_booking_system: { titel: 'name' } }, 'fieldMappings.to_booking_system.titel'],
    [{ from_booking_system: { name: 'titel' } }, 'fieldMappings.from_booking_system.name'],
    [{ from_booking_system: { 'a..b': 'title' } }, 'fieldMappings.from_booking_system.a..b'],
    [{ to_booking_system: { title: 'constructor.x' } }, 'fieldMappings.to_booking_system.title'],
    [
      { to_booking_system: { title: 'a', description: 'a.b' } },
      'fieldMappings.to_booking_system.description',
    ],
    [{ to_booking_system: { title: null } }, 'fieldMappings.to_booking_system'],
    [
      { from_booking_system: { a: 'start', b: 'end', c: 'title' } },
      'fieldMappings.from_booking_system',
    ],
    [{ to: {} }, 'fieldMappings'],
    [{ to_booking_system: { title: 5 } }, 'fieldMappings.to_booking_system.title'],
  ])('refuse the mappings %j by name', (tables, name) => {
    expect(refusal(mappings(tables)).names).toContain(name);
  });

  it.each([
    ['create_event', 'start_time', { start_time: 'x' }, {}],
    ['update_event', 'a value on the way', { what: 'x' }, { title: 'what.name' }],
    ['create_event', 'a list on the way', { what: [] }, { title: 'what.name' }],
    ['create_event', 'a whole object', { room: { id: 1 } }, { resource_id: 'room' }],
  ])('refuse a body of %s that holds what is mapped too: %s', (name, _, body, to) => {
    const values = { ...endpoints({ [name]: { body } }), ...mappings({ to_booking_system: to }) };
    expect(refusal(values).names).toContain(`endpoints.${name}.body`);
  });
});

describe('mappings', () => {
  it('change the fields they name, and keep the rest of the contract', () => {
    const { mappings: made } = parse(
      mappings({
        to_booking_system: { subject: 'name', contact_email: null },
        from_booking_system: { summary: 'title', heading: 'title', description: null },
      }),
    );
    expect(made.written).toMatchObject({ title: 'name', start: 'start_time' });
    expect(made.written.contact_email).toBeUndefined();
    expect(made.read.title).toEqual(['summary', 'heading']);
    expect(made.read.description).toBeUndefined();
    expect(made.read.start).toEqual(['start_time']);
  });

  it('that name start and end stand for themselves', () => {
    const { mappings: made } = parse(
      mappings({
        to_booking_system: { title: 't', start: 's', end: 'e' },
        from_booking_system: { i: 'id', t: 'title', s: 'start', e: 'end' },
      }),
    );
    expect(made.written).toEqual({ title: 't', start: 's', end: 'e' });
    expect(made.read).toEqual({ id: ['i'], title: ['t'], start: ['s'], end: ['e'] });
  });
});
