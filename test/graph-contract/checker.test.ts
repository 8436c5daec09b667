import { beforeEach, describe, expect, it } from 'vitest';
import { FAULT_HEADER } from '../../local/simulator-kit/faults.ts';
import { makeGraph, ORIGIN, ROOM } from '../local/graph-simulator/support.ts';
import { GraphContract } from '../support/graph-contract/checker.ts';
import { graphMissing } from '../support/graph-contract/description.ts';
import { appPath, readExamples } from '../support/graph-contract/examples.ts';
import {
  answeredOf,
  lowerCased,
  pathOf,
  sentOf,
  type Answered,
  type Sender,
  type Sent,
} from '../support/graph-contract/exchange.ts';

type Json = Record<string, unknown>;

/** An exchange with the simulator, to be spoilt. */
interface Exchange {
  readonly sent: Sent;
  readonly answered: Answered;
}

const RANGE = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z';
const EVENT = {
  subject: 'Meeting',
  start: { dateTime: '2026-12-03T10:00:00', timeZone: 'UTC' },
  end: { dateTime: '2026-12-03T11:00:00', timeZone: 'UTC' },
  attendees: [{ type: 'required', emailAddress: { address: 'guest@else.example' } }],
};

async function exchange(method: string, path: string, body?: unknown): Promise<Exchange> {
  const graph = await makeGraph();
  await graph.create();
  const request = new Request(`${ORIGIN}/v1.0${path}`, {
    method,
    headers: { authorization: `Bearer ${graph.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const sent = await sentOf(request);
  if (sent === undefined) throw new Error('no request to Graph');
  return { sent, answered: await answeredOf(await graph.simulator.fetch(request)) };
}

function spoilt<T extends { readonly body: string }>(message: T, spoil: (body: Json) => void): T {
  const body = JSON.parse(message.body) as Json;
  spoil(body);
  return { ...message, body: JSON.stringify(body) };
}

function at(body: Json, ...path: readonly (string | number)[]): Json {
  return path.reduce<unknown>((node, name) => (node as Json)[name], body) as Json;
}

function withHeaders<T extends Sent | Answered>(message: T, more: Record<string, string>): T {
  return { ...message, headers: new Map([...message.headers, ...Object.entries(more)]) };
}

function without<T extends Sent | Answered>(message: T, name: string): T {
  return { ...message, headers: new Map([...message.headers].filter(([key]) => key !== name)) };
}

describe.skipIf(graphMissing !== undefined)(`the check of Graph ${graphMissing ?? ''}`, () => {
  let contract: GraphContract;
  let created: Exchange;
  let listed: Exchange;
  let round: Exchange;
  let refused: Exchange;

  beforeEach(async () => {
    contract ??= new GraphContract();
    contract.breaches = [];
    created = await exchange('POST', `/users/${ROOM}/events`, EVENT);
    listed = await exchange('GET', `/users/${ROOM}/events`);
    round = await exchange('GET', `/users/${ROOM}/calendarView/delta?${RANGE}`);
    refused = await exchange('GET', `/users/nobody@a.example/events`);
  });

  const breachesOf = ({ sent, answered }: Exchange, sender: Sender = 'bridge'): string => {
    contract.breaches = [];
    contract.check(sent, answered, sender);
    return contract.breaches.join('\n');
  };

  it('finds nothing in what is right', () => {
    for (const right of [created, listed, round, refused]) expect(breachesOf(right)).toBe('');
  });

  it('finds members that are not described, at every depth of an answer', () => {
    for (const path of [[], ['start'], ['organizer', 'emailAddress'], ['attendees', 0, 'status']]) {
      const answered = spoilt(created.answered, (body) => void (at(body, ...path)['invented'] = 1));
      expect([path, breachesOf({ ...created, answered })]).toEqual([
        path,
        expect.stringContaining('invented'),
      ]);
    }
    const annotated = spoilt(created.answered, (body) => {
      at(body, 'start')['dateTime@odata.type'] = '#DateTime';
    });
    expect(breachesOf({ ...created, answered: annotated })).toBe('');
    const event = spoilt(round.answered, (body) => {
      at(body, 'value', 0)['@removed'] = { reason: 'deleted' };
    });
    expect(breachesOf({ ...round, answered: event })).toContain('@removed');
  });

  it('finds values of another type or case, and documented members that are missing', () => {
    const wrong = spoilt(created.answered, (body) => {
      Object.assign(body, { showAs: 'Busy', isAllDay: 'false', createdDateTime: 'today' });
      delete body['organizer'];
    });
    const found = breachesOf({ ...created, answered: wrong });
    for (const part of ['/showAs', '/isAllDay', '/createdDateTime', 'lacks $.organizer'])
      expect(found).toContain(part);
  });

  it('finds a status, a link and a preference that are not documented', () => {
    expect(breachesOf({ ...created, answered: { ...created.answered, status: 200 } })).toContain(
      'documented is 201',
    );
    const noLink = spoilt(round.answered, (body) => void delete body['@odata.deltaLink']);
    expect(breachesOf({ ...round, answered: noLink })).toContain('a delta page has one link');
    const elsewhere = spoilt(listed.answered, (body) => {
      body['@odata.nextLink'] = `${ORIGIN}/v1.0/users/other/events?$skip=2&$page=3`;
    });
    expect(breachesOf({ ...listed, answered: elsewhere })).toContain('leads elsewhere');
    const applied = withHeaders(listed.answered, { 'preference-applied': 'respond-async' });
    expect(breachesOf({ ...listed, answered: applied })).toContain('was not asked for');
    const zone = withHeaders(listed.sent, { prefer: 'outlook.timezone="UTC"' });
    expect(breachesOf({ ...listed, sent: zone })).toContain('zone is not confirmed');
  });

  it('finds errors in another shape, or without what their status needs', () => {
    const bare = spoilt(refused.answered, (body) => void delete at(body, 'error')['code']);
    expect(breachesOf({ ...refused, answered: bare })).toContain("required property 'code'");
    for (const [status, needs] of [
      [401, 'www-authenticate'],
      [405, 'allow'],
      [429, 'retry-after'],
      [410, 'with code'],
      [412, 'with code'],
      [418, "none of Graph's"],
    ] as const) {
      const answered = without({ ...refused.answered, status }, 'www-authenticate');
      expect(breachesOf({ ...refused, answered })).toContain(needs);
    }
    const html = { ...refused.answered, body: '<html></html>' };
    expect(breachesOf({ ...refused, answered: html })).toContain('without a JSON body');
    expect(breachesOf({ ...refused, answered: without(refused.answered, 'request-id') })).toContain(
      'no header request-id',
    );
  });

  it.each([
    ['?$inlinecount=allpages', '$inlinecount is not described'],
    ['?$top=many', '$top is no integer'],
    ['?$filter=a+b', 'a + in the address'],
  ])('finds a query that is not described: %s', (query, breach) => {
    const sent = { ...listed.sent, target: listed.sent.target + query };
    expect(breachesOf({ ...listed, sent })).toContain(breach);
  });

  it('finds what delta refuses though it is described, and a range that is missing or local', () => {
    const delta = (query: string): string => {
      const target = `/users/${ROOM}/calendarView/delta?${query}`;
      return breachesOf({ ...round, sent: { ...round.sent, target } });
    };
    expect(delta(`${RANGE}&$select=subject`)).toContain('delta does not take $select');
    expect(delta('')).toContain('startDateTime is missing');
    expect(delta(RANGE.replaceAll('Z', ''))).toContain('read in UTC');
    expect(delta('$deltatoken=x')).toBe('');
  });

  it('finds headers, preferences and bodies of the bridge that are not described', () => {
    const sending = (more: Record<string, string>): string =>
      breachesOf({ ...listed, sent: withHeaders(listed.sent, more) });
    expect(sending({ 'if-match': '*' })).toContain('header if-match is not described');
    expect(sending({ prefer: 'respond-async' })).toContain('preference respond-async');
    const sent = spoilt(created.sent, (body) => {
      at(body, 'attendees', 0, 'emailAddress')['phone'] = '1';
      body['showAs'] = 'Busy';
    });
    const found = breachesOf({ ...created, sent });
    expect(found).toContain('phone');
    expect(found).toContain('/showAs');
    expect(breachesOf({ ...created, sent: { ...created.sent, body: '' } })).toContain(
      'the body is missing',
    );
    const nowhere = { ...listed.sent, target: '/users/a/nonsense' };
    expect(breachesOf({ ...listed, sent: nowhere })).toContain('method and path are not described');
  });

  it("lets a person's client write names and enums in any case, and be wrong where it is refused", () => {
    const sent = { ...created.sent, body: created.sent.body.replace('"subject"', '"Subject"') };
    expect(breachesOf({ ...created, sent }, 'person')).toBe('');
    expect(breachesOf({ ...created, sent }, 'bridge')).toContain('Subject');
    const wrong = { ...refused.sent, target: `${refused.sent.target}?$inlinecount=allpages` };
    expect(breachesOf({ ...refused, sent: wrong }, 'person')).toBe('');
    expect(breachesOf({ ...listed, sent: wrong }, 'person')).toContain('$inlinecount');
  });

  it('looks into batches, and passes over what a fault answered', async () => {
    const get = { id: '1', method: 'GET', url: `/users/${ROOM}/events` };
    const batch = await exchange('POST', '/$batch', { requests: [get] });
    expect(breachesOf(batch)).toBe('');
    const inner = (spoil: (response: Json) => void): string =>
      breachesOf({
        ...batch,
        answered: spoilt(batch.answered, (body) => spoil(at(body, 'responses', 0))),
      });
    const invented = (response: Json): void =>
      void (at(response, 'body', 'value', 0)['invented'] = 1);
    expect(inner(invented)).toContain('invented');
    expect(
      inner((response) => {
        invented(response);
        at(response, 'headers')[FAULT_HEADER] = 'true';
      }),
    ).toBe('');
    expect(inner((response) => void (response['id'] = '2'))).toContain('no answer to request 1');
    const faulty = withHeaders(
      { ...listed.answered, status: 503, body: '' },
      { [FAULT_HEADER]: '1' },
    );
    expect(breachesOf({ ...listed, answered: faulty })).toBe('');
  });

  it('agrees with the documentation, but for the listed pages', () => {
    const deviating = new Set<string>();
    for (const example of readExamples()) {
      const { name, request, response } = example;
      const target = appPath(example);
      const { operation } = contract.description.find(request.method, pathOf(target));
      if (operation === undefined) continue;
      const headers = lowerCased({ 'content-type': 'application/json', ...request.headers });
      const body = request.body === null ? '' : JSON.stringify(request.body);
      const answered = response && {
        status: response.status,
        headers: lowerCased({ 'content-type': 'application/json', ...response.headers }),
        body: response.body === null ? '' : JSON.stringify(response.body),
      };
      contract.breaches = [];
      contract.check(
        { method: request.method, target, headers, body },
        answered ?? undefined,
        'person',
      );
      const found = contract.breaches.filter((breach) =>
        /: (?:error )?body(?:\/| must)/.test(breach),
      );
      if (found.length > 0) deviating.add(name);
    }
    expect([...deviating].toSorted()).toEqual(Object.keys(DEVIATING).toSorted());
  });
});

/** Pages whose bodies do not fit the description, each with the reason. */
const DEVIATING: Readonly<Record<string, string>> = {
  'create-event-recurring-daily': 'a member `uid` that is not in the metadata of v1.0',
  'error-cancel-not-organizer': 'told in prose, without a code',
  'get-schedule': 'a custom time zone, which is not described',
  'get-schedule-one-user': 'enum values with capitals, and a number as text',
  'group-members': 'users without the type that says they are',
  'mailbox-settings': 'enum values with capitals',
  'place-get-room': 'two members that are gone from the metadata of v1.0',
  'place-get-room-list': 'a member in another case',
  'places-room-lists': 'a member in another case',
  'places-rooms': 'two members that are gone from the metadata of v1.0',
  'places-rooms-in-list': 'two members that are gone from the metadata of v1.0',
  'subscription-create': 'a member that is gone from the metadata of v1.0',
  'subscription-duplicate': 'told in prose, without a code',
  'subscription-get': 'a member that is gone from the metadata of v1.0',
  'subscription-list': 'a member that is gone from the metadata of v1.0',
  'subscription-renew': 'a member that is gone from the metadata of v1.0',
  'update-event': 'placeholders',
};
