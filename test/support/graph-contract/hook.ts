import { afterEach, expect } from 'vitest';
import { DroppedConnection } from '../../../local/simulator-kit/faults.ts';
import { GraphContract } from './checker.ts';
import { graphMissing } from './description.ts';
import { answeredOf, sentOf, type Sender } from './exchange.ts';
import { whyItMails } from './no-mail.ts';

type Fetch = (request: Request) => Promise<Response>;

/** One for a test file; undefined where the description is not there. */
export const graphContract = graphMissing === undefined ? new GraphContract() : undefined;

if (graphContract !== undefined)
  afterEach(() => {
    const { breaches } = graphContract;
    graphContract.breaches = [];
    expect({ breachesOfGraph: breaches }).toEqual({ breachesOfGraph: [] });
  });

/** What of the bridge's would have mailed people, in the test that runs. */
let mailing: string[] = [];

afterEach(() => {
  const found = mailing;
  mailing = [];
  expect({ mailing: found }).toEqual({ mailing: [] });
});

/** Notes what a simulator says that a request of the bridge's has mailed. */
export function noteMails(why: string): void {
  mailing.push(why);
}

/** No request of the bridge's may mail anybody, whatever it is about. */
function withoutMail(fetch: Fetch, sender: Sender): Fetch {
  if (sender === 'person') return fetch;
  return async (request) => {
    const sent = await sentOf(request);
    const why = sent === undefined ? undefined : whyItMails(sent);
    if (why !== undefined) noteMails(why);
    return await fetch(request);
  };
}

/** Checks what passes through, which stays as it is. */
export function checkedFetch(unchecked: Fetch, sender: Sender): Fetch {
  const fetch = withoutMail(unchecked, sender);
  if (graphContract === undefined) return fetch;
  return async (request) => {
    const sent = await sentOf(request);
    if (sent === undefined) return await fetch(request);
    let response: Response | undefined;
    try {
      response = await fetch(request);
      return response;
    } catch (error) {
      // A client takes it for a lost connection, so it would go unseen.
      if (!(error instanceof DroppedConnection))
        graphContract.breaches.push(`the simulator failed: ${String(error)}`);
      throw error;
    } finally {
      graphContract.check(sent, response && (await answeredOf(response)), sender);
    }
  };
}

/** Checks the requests alone, for answers that a test makes up. */
export function checkedRequests(unchecked: Fetch, sender: Sender): Fetch {
  const fetch = withoutMail(unchecked, sender);
  if (graphContract === undefined) return fetch;
  return async (request) => {
    const sent = await sentOf(request);
    if (sent !== undefined) graphContract.check(sent, undefined, sender);
    return await fetch(request);
  };
}
