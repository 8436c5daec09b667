import { contactOf, type CalendarEvent } from '../../../../shared/model/event.ts';
import type { EventContent } from '../../../../shared/model/fields.ts';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import { slotOf } from '../../../../shared/model/event.ts';
import { toLocal } from '../../../../shared/model/time.ts';
import { describeBridgeContract, type BridgeHarness } from '../../../support/bridge-contract.ts';
import { OSLO, ROOM, Stage } from './booking-stage.ts';

describeBridgeContract(
  'booking system on its simulator',
  async () => await Promise.resolve(harness()),
);

function harness(): BridgeHarness {
  const stage = new Stage();
  const pathOf = (id: ExternalId): string => `events/${id.replace('event:', '')}`;
  return {
    bridge: stage.bridge,
    resource: ROOM,
    timeZone: OSLO,
    keepsWallClock: true,
    personCreates: async (content) => {
      const { name, ...members } = pageFields(content);
      const made = await stage.person('POST', `resources/${ROOM}/events`, {
        title: name,
        ...members,
        source: 'web',
        is_public: 1,
      });
      return `event:${(made as { id: number }).id}` as ExternalId;
    },
    personChanges: async (id, change) => {
      await stage.person('PUT', pathOf(id), pageFields(change));
    },
    personRemoves: async (id) => {
      await stage.person('PATCH', `${pathOf(id)}/toggle-active`, { active: 0 });
    },
    personMovesAway: async (id) => {
      await stage.person('PUT', pathOf(id), { resources: [2] });
    },
    breakNext: async (how) => {
      stage.fail({ body: how === 'html' ? '<!doctype html><title>Login</title>' : '[{"id": 1' });
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
