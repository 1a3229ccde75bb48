import { type Door, describeWebhookDoor } from '../../contract/webhook-door.ts';
import { breakableReceiver } from '../../support/breakable-receiver.ts';
import { joinHeaders } from '../../support/forgeries.ts';

/** The receiver's logic by itself. What it has to tell of accepted, malformed and failed requests counts as logged. */
function openReceiver(): Promise<Door> {
  const { receive, ...rest } = breakableReceiver();
  const lines: string[] = [];
  const origin = 'https://example.org';
  return Promise.resolve({
    ...rest,
    origin,
    knock: async ({ method, target, headers, body }) => {
      const request = {
        method,
        url: origin + target,
        headers: joinHeaders(headers),
        body,
        requestId: 'request-1',
      };
      const answer = await receive(request);
      if (answer.outcome.result !== 'refused') lines.push(JSON.stringify(answer.outcome));
      return { status: answer.status, headers: [], body: answer.body };
    },
    takeLines: () => lines.splice(0),
    close: () => Promise.resolve(),
  });
}

describeWebhookDoor('the receiver', openReceiver);
