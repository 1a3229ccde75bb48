import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { type WebhookAnswer, type WebhookRequest } from '../functions/webhook/receive.ts';

/** A receiver that listens on this machine alone. */
export type Receiver = {
  /** Where it takes webhooks, e.g. `http://127.0.0.1:8787/webhook`. */
  url: string;
  /** Takes no further request, and answers those that are here. */
  close: () => Promise<void>;
};

// What API Gateway lets through to the Lambda behind it: more than the receiver accepts, so that the receiver decides.
const MAX_REQUEST_BYTES = 6_291_456;

// Whoever waits longer for an answer than HubSpot does has gone away.
const LONGEST_ANSWER_MS = 5_000;

/**
 * Serves the webhook receiver on 127.0.0.1.
 * @param port 0 for any that is free
 * @param publicUrl where HubSpot sends the webhooks that a tunnel or a proxy brings here: what it has signed. Without one,
 *   requests are signed for the address at which they arrive.
 * @throws what `listen` throws, e.g. `EADDRINUSE`
 */
export async function startReceiver(
  receiveWebhook: (request: WebhookRequest) => Promise<WebhookAnswer>,
  { port, publicUrl }: { port: number; publicUrl?: string | undefined },
): Promise<Receiver> {
  let url = '';
  let closing = false;
  const server = http.createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        // A connection that is kept alive would keep the server open too.
        if (closing) response.setHeader('connection', 'close');
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      },
      // The sender went away in the middle of its request.
      () => response.destroy(),
    );
  });

  async function answer(request: http.IncomingMessage): Promise<Pick<WebhookAnswer, 'status' | 'body'>> {
    const body = await readBody(request);
    if (body === undefined) return { status: 413, body: '{"status":"payload too large"}' };
    return receiveWebhook({
      method: request.method ?? '',
      url: publicUrl ?? new URL(request.url ?? '', url).href,
      headers: joinHeaders(request.headers),
      body,
      requestId: randomUUID(),
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}/webhook`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        closing = true;
        const cutOff = setTimeout(() => {
          server.closeAllConnections();
        }, LONGEST_ANSWER_MS);
        server.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
      }),
  };
}

/** The whole body, or undefined when it is larger than any webhook. The rest is read and dropped, so that the answer arrives. */
async function readBody(request: http.IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  return size <= MAX_REQUEST_BYTES ? Buffer.concat(chunks) : undefined;
}

// As API Gateway hands them over: lower case, repeated ones joined by commas.
function joinHeaders(headers: http.IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}
