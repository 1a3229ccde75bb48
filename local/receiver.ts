import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { MAX_BODY_BYTES, type WebhookAnswer, type WebhookRequest } from '../functions/webhook/receive.ts';

/** A receiver that listens on this machine alone. */
export type Receiver = {
  /** Where it takes webhooks, e.g. `http://127.0.0.1:8787/webhook`. */
  url: string;
  /** Takes no further request, and answers those that are here. */
  close: () => Promise<void>;
};

// Whoever waits longer for an answer than HubSpot does has gone away.
const LONGEST_ANSWER_MS = 5_000;
// HubSpot sends some 30 KB at once. Whoever takes longer is answered 408.
const LONGEST_REQUEST_MS = 10_000;

/**
 * Serves the webhook receiver on 127.0.0.1.
 * @param port 0 for any that is free
 * @param publicUrl where HubSpot sends the webhooks that a tunnel or a proxy brings here: what it has signed. Without one,
 *   requests are signed for the address at which they arrive.
 * @param longestRequestMs how long a request may take to arrive
 * @throws what `listen` throws, e.g. `EADDRINUSE`
 */
export async function startReceiver(
  receiveWebhook: (request: WebhookRequest) => Promise<WebhookAnswer>,
  {
    port,
    publicUrl,
    longestRequestMs = LONGEST_REQUEST_MS,
  }: { port: number; publicUrl?: string | undefined; longestRequestMs?: number },
): Promise<Receiver> {
  let origin = '';
  let closing = false;
  const limits = {
    requestTimeout: longestRequestMs,
    headersTimeout: longestRequestMs,
    connectionsCheckingInterval: longestRequestMs / 10,
  };
  const server = http.createServer(limits, (request, response) => {
    answer(request).then(
      ({ status, body }) => {
        // A connection that is kept alive would keep the server open too.
        if (closing) response.setHeader('connection', 'close');
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        response.writeHead(status, headers).end(body);
      },
      // The sender went away in the middle of its request.
      () => response.destroy(),
    );
  });

  async function answer(request: http.IncomingMessage): Promise<Pick<WebhookAnswer, 'status' | 'body'>> {
    return receiveWebhook({
      method: request.method ?? '',
      // Letter by letter: the sender signs what it calls, not what a URL parser makes of it.
      url: publicUrl ?? `${origin}${request.url ?? ''}`,
      headers: joinHeaders(request.headers),
      body: await readBody(request),
      requestId: randomUUID(),
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
  return {
    url: `${origin}/webhook`,
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

/**
 * The whole body; of one that is too large, as much as shows that it is. The rest is read and dropped, so that the answer
 * arrives.
 */
async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

// As API Gateway hands them over: lower case, repeated ones joined by commas.
function joinHeaders(headers: http.IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}
