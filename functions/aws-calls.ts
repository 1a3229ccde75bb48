/**
 * What every client of AWS is made with: how long a call may wait. By default the SDK waits for a connection and for an answer
 * for ever (https://github.com/aws/aws-sdk-js-v3, `NodeHttpHandler`, read November 2026): one call that hangs would use up the
 * invocation, and take a try from every thread of its batch. A call that is given up is repeated by the SDK, on another
 * connection, twice at most.
 * @param silenceMs how long a connection may be silent. A long upload is not
 */
export function callsGivenUpAfter(silenceMs: number) {
  return { requestHandler: { connectionTimeout: CONNECTION_MS, socketTimeout: silenceMs } };
}

const CONNECTION_MS = 3_000;

/** For work that is done in the background: three attempts, and there is still time to give the thread back to its queue. */
export const BACKGROUND_CALLS = callsGivenUpAfter(15_000);
/** For a webhook, which HubSpot gives up after five seconds. */
export const WEBHOOK_CALLS = callsGivenUpAfter(2_000);
