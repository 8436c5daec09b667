import * as z from 'zod';
import type { Wording } from '../calls/answers.ts';

/** What an error object of the booking system may hold: `{error, details}`, or the login's `{msg}`. */
const ErrorSchema = z.object({
  error: z.string().optional(),
  details: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())]).optional(),
});

/** As its validation names them. A fixed list, since the sentences themselves may hold content. */
const MEMBERS =
  /\b(?:name|description|contact[ _](?:name|email|phone)|from_?|to_?|title|source|organizer|resources|activity[ _]id|agegroups|audience)\b/gi;

/** Bodies stay out of messages: a 409 names people's meetings. */
export const WORDING: Wording = {
  unauthorized: 'a new session was refused too',
  forbidden: 'permission denied; give the account the right to do this',
  // `event:12` of a sentence such as "overlaps event #12 (name)"; the name is left behind.
  holderIn: (body) => {
    const [, type, id] = /\b(event|allocation|booking) #(\d+)/i.exec(saidBy(body)) ?? [];
    return type === undefined ? undefined : `${type.toLowerCase()}:${id}`;
  },
  membersIn: (body) => [
    ...new Set((saidBy(body).match(MEMBERS) ?? []).map((member) => member.toLowerCase())),
  ],
};

function saidBy(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // An error page of a proxy; the status says what matters.
    return '';
  }
  const { error = '', details = '' } = ErrorSchema.safeParse(parsed).data ?? {};
  const sentences = typeof details === 'string' ? [details] : Object.values(details);
  return [error, ...sentences].join('\n');
}
