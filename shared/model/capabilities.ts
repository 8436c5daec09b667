import type { Field } from './fields.ts';

/** What a calendar system can do. Data, so that the plan and the mappers ask it and not its name. */
export interface BridgeCapabilities {
  /** `delta`: can tell what changed since a cursor. `list`: every read is a complete one. */
  readonly changes: 'delta' | 'list';
  /** Fields that a read can show. */
  readonly readable: readonly Field[];
  /** Fields that a write can set. */
  readonly writable: readonly Field[];
  /** A field once filled can be emptied again. */
  readonly canBlank: boolean;
  readonly titleCharsMax: number;
  readonly descriptionCharsMax: number;
  /** `contact.name` is cut at this length. */
  readonly contactNameCharsMax: number;
  /** `series`: holds recurring events as such. `occurrences`: each of their occurrences by itself. */
  readonly recurrence: 'series' | 'occurrences';
  readonly allDay: boolean;
  /** Update and delete carry the version they were decided on, and fail when it has moved. */
  readonly conditionalWrites: boolean;
  /** Two active items of one resource cannot overlap; a write that makes them is refused. */
  readonly exclusiveSlots: boolean;
  /** An item can give up its slot and take it again, so that items can exchange theirs. */
  readonly suspends: boolean;
  /** The system keeps our stamp on an item. */
  readonly stamps: boolean;
  /** Says when an item was last changed. */
  readonly lastModified: boolean;
  /** Writes that go out in one request. */
  readonly writesPerRequestMax: number;
  /** Sends notifications of changes. */
  readonly push: boolean;
}
