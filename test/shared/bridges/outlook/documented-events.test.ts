import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  patternOfRule,
  PatternedRecurrenceSchema,
  ruleOfPattern,
} from '../../../../shared/bridges/outlook/graph-recurrence.ts';
import { parseEvent, type GraphEvent } from '../../../../shared/bridges/outlook/graph-schemas.ts';
import { toGraphMembers, toItem } from '../../../../shared/bridges/outlook/outlook-mapper.ts';
import { ianaZoneOf } from '../../../../shared/bridges/outlook/windows-zones.ts';
import { slotOf, type CalendarEvent } from '../../../../shared/model/event.ts';
import { FIELDS } from '../../../../shared/model/fields.ts';
import { toLocal } from '../../../../shared/model/time.ts';
import {
  GRAPH_FOLDER,
  graphMissing,
  needsGraph,
} from '../../../support/graph-contract/description.ts';
import { OSLO } from './support.ts';

interface Documented {
  readonly name: string;
  readonly event: GraphEvent;
  readonly recurrence: unknown;
}

/** Whole events in the bodies of Graph's pages, those that only show a shape left out. */
function documentedEvents(): readonly Documented[] {
  if (graphMissing !== undefined) return [];
  const folder = `${GRAPH_FOLDER}examples/`;
  return readdirSync(folder).flatMap((file) => {
    const page = JSON.parse(readFileSync(folder + file, 'utf8')) as Record<string, unknown>;
    if (page['placeholders'] === true) return [];
    return ['request', 'response'].flatMap((part) => {
      const { body } = (page[part] ?? {}) as { body?: unknown };
      return eventsIn(body).map(({ recurrence, ...event }, index) => ({
        name: `${file.replace('.json', '')}, ${part}${index === 0 ? '' : ` ${index + 1}`}`,
        event: parseEvent({ id: 'a', '@odata.etag': 'W/"1"', ...event }, file),
        recurrence,
      }));
    });
  });
}

function eventsIn(body: unknown): readonly Record<string, unknown>[] {
  if (typeof body !== 'object' || body === null) return [];
  const { value } = body as { value?: unknown };
  if (Array.isArray(value)) return value.flatMap((one) => eventsIn(one));
  return 'subject' in body && 'start' in body ? [body] : [];
}

/** What is carried of an event. */
function carried({ event }: { readonly event: CalendarEvent }) {
  const { title, description, showWithoutTime, duration } = event;
  return { title, description, showWithoutTime, duration, slot: slotOf(event, OSLO) };
}

describe('the events of Graph’s own pages', () => {
  beforeEach(needsGraph);
  const documented = documentedEvents();

  it('are all found', () => {
    expect(documented.length).toBeGreaterThanOrEqual(20);
    console.info(
      `${documented.length} documented events: ${documented.map(({ name }) => name).join('; ')}`,
    );
  });

  it.each(documented.map((one) => [one.name, one] as const))(
    'survive the way to ours and back: %s',
    (_name, { event, recurrence }) => {
      const read = toItem(event, OSLO);
      expect(read.event.title).toBe(event.subject);
      const written = toGraphMembers(FIELDS, read.event, OSLO);
      const copy = toItem(
        parseEvent({ id: 'b', '@odata.etag': 'W/"2"', ...written }, 'a copy'),
        OSLO,
      );
      expect(carried(copy)).toEqual(carried(read));
      expect(written).not.toHaveProperty('attendees');
      // And once more, so that a copy is not written again and again.
      expect(toGraphMembers(FIELDS, copy.event, OSLO)).toEqual(written);

      if (recurrence === undefined || recurrence === null) return;
      const patterned = PatternedRecurrenceSchema.parse(recurrence);
      const named = patterned.range.recurrenceTimeZone ?? event.start.timeZone;
      const zone = ianaZoneOf(named, OSLO);
      if (zone === undefined) throw new Error(`${named} is no zone`);
      const there = ruleOfPattern(patterned, toLocal(slotOf(read.event, OSLO).start, zone));
      if (there.kind === 'refused') throw new Error(there.reason);
      const back = patternOfRule(there.value, zone);
      if (back.kind === 'refused') throw new Error(back.reason);
      expect(ruleOfPattern(back.value, there.value.start)).toEqual(there);
      expect(back.value.pattern.type).toBe(patterned.pattern.type);
    },
  );
});
