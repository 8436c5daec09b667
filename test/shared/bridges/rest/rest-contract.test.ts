import { contactOf, slotOf, type CalendarEvent } from '../../../../shared/model/event.ts';
import type { EventContent } from '../../../../shared/model/fields.ts';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import { toLocal } from '../../../../shared/model/time.ts';
import { describeBridgeContract, type BridgeHarness } from '../../../support/bridge-contract.ts';
import { OSLO, ROOM, Stage } from '../booking/booking-stage.ts';

const KEY = 'key-of-the-town';

/** How the interface may be served, and the settings that follow it. */
const SERVED = {
  'as published': [{}, {}],
  'with lists in data': [{ wrapper: 'data' }, {}],
  'with bare lists, and a key of its own header': [
    { wrapper: 'bare', createdId: 'id', auth: { type: 'api_key', key: KEY } },
    { authType: 'api_key' },
  ],
} as const;

for (const [name, [generic, settings]] of Object.entries(SERVED))
  describeBridgeContract(
    `the generic booking contract on its simulator, ${name}`,
    async () => await Promise.resolve(harness(generic, settings)),
  );

function harness(generic: object, settings: Record<string, string>): BridgeHarness {
  const stage = new Stage(
    { generic: { auth: { type: 'bearer', key: KEY }, ...generic } as never },
    { profile: 'generic', apiKey: KEY, ...settings },
  );
  const pathOf = (id: ExternalId): string => `events/${id}`;
  return {
    bridge: stage.bridge,
    resource: ROOM,
    timeZone: OSLO,
    keepsWallClock: true,
    cannotReadById: true,
    personCreates: async (content) => {
      const { name: title, ...members } = pageFields(content);
      const fields = { title, ...members, source: 'web', is_public: 1 };
      const made = await stage.person('POST', `resources/${ROOM}/events`, fields);
      return String((made as { id: number }).id) as ExternalId;
    },
    personChanges: async (id, change) => {
      await stage.person('PUT', pathOf(id), pageFields(change));
    },
    personRemoves: async (id) => {
      await stage.person('PATCH', `${pathOf(id)}/toggle-active`, { active: 0 });
    },
    breakNext: async (how) => {
      stage.fail({ body: how === 'html' ? '<!doctype html><title>Login</title>' : '{"events": [' });
      await Promise.resolve();
    },
  };
}

/** The fields of the web page that hold these members. */
function pageFields(content: Partial<EventContent>): Record<string, unknown> {
  const event = { title: '', description: '', ...content } as CalendarEvent;
  const fields: Record<string, unknown> = {};
  if (content.title !== undefined) fields['name'] = content.title;
  if (content.description !== undefined) fields['description'] = content.description;
  if (content.start !== undefined) {
    const { start, end } = slotOf(event, OSLO);
    fields['from_'] = toLocal(start, OSLO);
    fields['to_'] = toLocal(end, OSLO);
  }
  if (content.participants !== undefined) {
    fields['contact_name'] = contactOf(event)?.name ?? '';
    fields['contact_email'] = contactOf(event)?.email ?? '';
  }
  return fields;
}
