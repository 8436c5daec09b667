import type { SimulatorClock } from '../../local/simulator-kit/clock.ts';
import { FaultTable, underFault } from '../../local/simulator-kit/faults.ts';

/** A booking of a space, as this system shows it. Times are seconds since 1970. */
export interface ToySlot {
  readonly key: string;
  readonly space: string;
  readonly what: { readonly headline: string; readonly notes: string };
  readonly when: { readonly from: number; readonly until: number };
  readonly who: { readonly name: string; readonly mail: string };
  readonly state: 'booked' | 'held' | 'cancelled';
  readonly touched: number;
  readonly madeBy: string;
}

type Changes = Partial<Omit<ToySlot, 'what' | 'when' | 'who'>> & {
  readonly what?: Partial<ToySlot['what']>;
  readonly when?: Partial<ToySlot['when']>;
  readonly who?: Partial<ToySlot['who']>;
};

export interface ToyOptions {
  readonly clock: SimulatorClock;
  readonly spaces: readonly string[];
  /** Slots on one page of a list. */
  readonly pageSize?: number;
}

export const TOY_TOKEN = 'key-of-the-toy';

/**
 * A calendar system of nobody: its own paths, names, key header, nesting, pages and times. Slots of a
 * space may not overlap; members it does not know are refused; what is cancelled is no longer listed.
 */
export class ToyCalendar {
  readonly faults = new FaultTable();
  /** Method and path with query of each request. */
  readonly requests: string[] = [];
  readonly #options: ToyOptions;
  readonly #slots = new Map<string, ToySlot>();

  constructor(options: ToyOptions) {
    this.#options = options;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const path = url.pathname + url.search;
    this.requests.push(`${request.method} ${path}`);
    const fault = this.faults.take({ method: request.method, path });
    return await underFault(fault, { clock: this.#options.clock }, () =>
      this.#answer(request, url),
    );
  };

  // ---- what people do

  book(space: string, changes: Changes): ToySlot {
    return this.#store(merged(this.#blank(space), changes));
  }

  change(key: string, changes: Changes): ToySlot {
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new Error(`there is no slot ${key}`);
    return this.#store(merged(slot, changes));
  }

  cancel(key: string): void {
    this.change(key, { state: 'cancelled' });
  }

  /** What a person sees of a space. */
  booked(space: string): readonly ToySlot[] {
    return [...this.#slots.values()]
      .filter((slot) => slot.space === space && slot.state !== 'cancelled')
      .sort((one, other) => one.when.from - other.when.from);
  }

  // ---- what programs ask

  async #answer(request: Request, url: URL): Promise<Response> {
    if (request.headers.get('x-toy-token') !== `Secret ${TOY_TOKEN}`) return refusal(401, 'token');
    const [, version, collection, id, slots] = url.pathname.split('/').map(decodeURIComponent);
    if (version !== 'v2') return refusal(404, 'version');
    const call = `${request.method} ${collection}${id === undefined ? '' : '/id'}${slots === undefined ? '' : `/${slots}`}`;
    switch (call) {
      case 'GET spaces':
        return this.#page(this.#options.spaces.map(spaceView), url);
      case 'GET spaces/id/slots':
        return this.#isSpace(id) ? this.#list(id, url) : refusal(404, 'space');
      case 'POST spaces/id/slots':
        return this.#isSpace(id) ? await this.#create(id, request) : refusal(404, 'space');
      case 'GET slots/id':
      case 'PATCH slots/id':
      case 'DELETE slots/id': {
        const slot = this.#slots.get(id ?? '');
        return slot === undefined ? refusal(404, 'slot') : await this.#one(slot, request);
      }
      default:
        return refusal(404, 'path');
    }
  }

  #isSpace(id: string | undefined): id is string {
    return id !== undefined && this.#options.spaces.includes(id);
  }

  #list(space: string, url: URL): Response {
    const bound = (name: string): number => Number(url.searchParams.get(name) ?? Number.NaN);
    const [from, until] = [bound('from'), bound('until')];
    if (Number.isNaN(from) || Number.isNaN(until)) return refusal(422, 'from, until');
    const shown = this.booked(space).filter(({ when }) => when.from < until && from < when.until);
    return this.#page(shown, url);
  }

  #page(items: readonly object[], url: URL): Response {
    const { pageSize = 50 } = this.#options;
    const start = Number(url.searchParams.get('page') ?? 0);
    const end = start + pageSize;
    const more = end < items.length ? String(end) : null;
    return Response.json({
      payload: { items: items.slice(start, end), total: items.length, more },
    });
  }

  async #create(space: string, request: Request): Promise<Response> {
    const changes = await bodyOf(request);
    if (changes === undefined) return refusal(422, 'body');
    return this.#written(merged(this.#blank(space), changes), 201);
  }

  async #one(slot: ToySlot, request: Request): Promise<Response> {
    if (request.method === 'GET') return Response.json({ payload: slot });
    if (slot.state === 'cancelled') return refusal(410, 'cancelled');
    if (request.method === 'DELETE') {
      this.cancel(slot.key);
      return new Response(null, { status: 204 });
    }
    const changes = await bodyOf(request);
    return changes === undefined ? refusal(422, 'body') : this.#written(merged(slot, changes), 200);
  }

  #written(slot: ToySlot, status: number): Response {
    if (slot.what.headline === '' || slot.what.headline.length > 80)
      return refusal(422, 'what.headline');
    if (!(slot.when.from < slot.when.until)) return refusal(422, 'when.until');
    const holder = this.booked(slot.space).find(
      ({ key, when }) =>
        key !== slot.key && when.from < slot.when.until && slot.when.from < when.until,
    );
    if (holder !== undefined) return refusal(409, `held: ${holder.what.headline}`);
    return Response.json({ payload: this.#store(slot) }, { status });
  }

  #blank(space: string): ToySlot {
    return {
      key: `s-${this.#slots.size + 1}`,
      space,
      what: { headline: 'Untitled', notes: '' },
      when: { from: 0, until: 0 },
      who: { name: '', mail: '' },
      state: 'booked',
      touched: 0,
      madeBy: 'person',
    };
  }

  #store(slot: ToySlot): ToySlot {
    const stored = { ...slot, touched: Math.floor(this.#options.clock.now() / 1000) };
    this.#slots.set(stored.key, stored);
    return stored;
  }
}

function spaceView(ref: string, index: number): object {
  return { ref, label: `Space ${ref}`, seats: 10 + index, sort: 'room', about: { text: '' } };
}

function refusal(status: number, problem: string): Response {
  return Response.json({ trouble: problem }, { status });
}

function merged(slot: ToySlot, { what, when, who, ...rest }: Changes): ToySlot {
  return {
    ...slot,
    ...rest,
    what: { ...slot.what, ...what },
    when: { ...slot.when, ...when },
    who: { ...slot.who, ...who },
  };
}

/** What a program may set, by type; `madeBy` is set once. */
const MEMBERS: Readonly<Record<string, string>> = {
  'what.headline': 'string',
  'what.notes': 'string',
  'when.from': 'number',
  'when.until': 'number',
  'who.name': 'string',
  'who.mail': 'string',
  madeBy: 'string',
};

async function bodyOf(request: Request): Promise<Changes | undefined> {
  const body = (await request.json()) as Record<string, unknown>;
  const members = Object.entries(body).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, held]) => [`${name}.${inner}`, held])
      : [[name, value]],
  );
  return members.every(([name, value]) => MEMBERS[name] === typeof value) ? body : undefined;
}
