import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** A request to the app's target URL. */
export type WebhookPost = {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  timeLimitMs: number;
};

/**
 * POSTs a body and gives the status of the answer; 0 when there was no whole answer in time, or no connection.
 * Follows no redirect. Uses node:http because `fetch` lets nobody set `Host`.
 */
export function postWebhook({ url, headers, body, timeLimitMs }: WebhookPost): Promise<number> {
  const bytes = Buffer.from(body);
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const options = { method: 'POST', headers: { ...headers, 'content-length': bytes.length } };
    const request = send(url, options, (response) => {
      response.on('end', () => {
        clearTimeout(timer);
        resolve(response.statusCode ?? 0);
      });
      response.on('error', giveUp);
      response.resume();
    });
    const giveUp = (): void => {
      clearTimeout(timer);
      request.destroy();
      resolve(0);
    };
    const timer = setTimeout(giveUp, timeLimitMs);
    request.on('error', giveUp);
    request.end(bytes);
  });
}
