export type NoticeItem = Readonly<Record<string, unknown>>;

/** Where the simulator sends what subscribers are told. */
export interface Subscriber {
  readonly send: (request: Request) => Promise<Response>;
  /** Items that were taken, in the order in which they came. */
  readonly taken: NoticeItem[];
  /** How many POSTs of notices came, taken or not. */
  posts: number;
  /** What notices are answered with. */
  status: number;
  /** What the handshake is answered with; else the token, as it must be. */
  handshake: ((token: string) => Response) | undefined;
}

export function subscriber(): Subscriber {
  const self: Subscriber = {
    taken: [],
    posts: 0,
    status: 202,
    handshake: undefined,
    send: async (request) => {
      const token = new URL(request.url).searchParams.get('validationToken');
      if (token !== null)
        return (
          self.handshake?.(token) ??
          new Response(token, { headers: { 'content-type': 'text/plain' } })
        );
      self.posts += 1;
      const { value } = (await request.json()) as { value: NoticeItem[] };
      if (self.status < 300) self.taken.push(...value);
      return new Response(null, { status: self.status });
    },
  };
  return self;
}
