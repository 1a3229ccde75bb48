import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { addEntry, createThread } from '../../../local/simulated-hubspot/changes.ts';
import { type WebhookEvent } from '../../../local/simulated-hubspot/events.ts';
import { signV1, signV3 } from '../../../local/simulated-hubspot/signing.ts';
import {
  createWebhookSender,
  RETRY_DELAYS_MS,
  type WebhookSender,
  type WebhookSenderOptions,
} from '../../../local/simulated-hubspot/webhook-sender.ts';
import { simulate } from './client.ts';

const SECRET = 'a-client-secret';

type Received = { url: string; headers: IncomingHttpHeaders; body: string; events: WebhookEvent[] };
let cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
  cleanUps = [];
});

/** A target that answers each request with the status given for its number (from 0), or not at all for 0. */
async function receive(statusOf: (request: number) => number = () => 204) {
  const received: Received[] = [];
  const server: Server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      const { url = '', headers } = incoming;
      const status = statusOf(
        received.push({ url, headers, body, events: JSON.parse(body) as WebhookEvent[] }) - 1,
      );
      if (status !== 0) response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hubspot` };
}

function sendTo(targetUrl: string, options: Partial<WebhookSenderOptions> = {}): WebhookSender {
  const sender = createWebhookSender({
    targetUrl,
    clientSecret: SECRET,
    flushMs: 5,
    retryDelaysMs: [10, 10, 10],
    ...options,
  });
  cleanUps.unshift(() => sender.stop());
  return sender;
}

function inventEvents(count: number): WebhookEvent[] {
  const { world } = simulate();
  const { threadId } = createThread(world);
  return Array.from(
    { length: count },
    () => addEntry(world, threadId, { type: 'COMMENT', text: 'x' }).events,
  ).flat();
}

const messageIds = (received: readonly Received[]): (string | undefined)[] =>
  received.flatMap(({ events }) => events.map(({ messageId }) => messageId));

describe('webhooks', () => {
  it('are arrays of at most 100 events, signed over the very body', async () => {
    const { received, url } = await receive();
    const events = inventEvents(250);
    const sender = sendTo(url, { now: () => 1_700_000_000_000 });

    sender.send(events);
    await sender.drain();

    expect(received.map((request) => request.events.length)).toEqual([100, 100, 50]);
    expect(new Set(messageIds(received))).toEqual(new Set(events.map(({ messageId }) => messageId)));
    for (const { headers, body } of received) {
      const timestamp = '1700000000000';
      expect(headers['x-hubspot-request-timestamp']).toBe(timestamp);
      expect(headers['x-hubspot-signature-v3']).toBe(
        signV3(SECRET, { method: 'POST', uri: url, body, timestamp }),
      );
      expect(headers['x-hubspot-signature']).toBe(signV1(SECRET, body));
      expect(headers['x-hubspot-signature-version']).toBe('v1');
      expect(headers['user-agent']).toMatch(/^HubSpot Connect 2\.0/);
    }
    expect(sender.counts).toMatchObject({ requests: 3, failedRequests: 0, delivered: 250, dropped: 0 });
  });

  it('are an array even for one event', async () => {
    const { received, url } = await receive();
    const [event] = inventEvents(1);
    const sender = sendTo(url);

    sender.send([event!]);
    await sender.drain();

    expect(received[0]?.body).toBe(JSON.stringify([event]));
  });

  it('are signed over another URL and sent with another Host when asked', async () => {
    const { received, url } = await receive();
    const signedUrl = 'https://hooks.example.com/hubspot';
    const sender = sendTo(url, { signedUrl, headers: { host: 'api-id.execute-api.localhost' } });

    sender.send(inventEvents(1));
    await sender.drain();

    const { headers, body } = received[0]!;
    const timestamp = String(headers['x-hubspot-request-timestamp']);
    expect(headers.host).toBe('api-id.execute-api.localhost');
    expect(headers['x-hubspot-signature-v3']).toBe(
      signV3(SECRET, { method: 'POST', uri: signedUrl, body, timestamp }),
    );
  });

  it.each([302, 400, 401, 404, 429, 500, 503])(
    'that are answered %i are sent again, counted up and signed anew',
    async (status) => {
      const { received, url } = await receive((request) => (request === 0 ? status : 200));
      let now = 1_700_000_000_000;
      const sender = sendTo(url, { now: () => (now += 1000) });

      sender.send(inventEvents(1));
      await sender.drain();

      const [first, second] = received;
      expect(received).toHaveLength(2);
      expect([first?.url, second?.url]).toEqual(['/hubspot', '/hubspot']);
      expect(second?.events).toEqual([{ ...first?.events[0], attemptNumber: 1 }]);
      expect(first?.events[0]?.attemptNumber).toBe(0);
      expect(second?.headers['x-hubspot-request-timestamp']).toBe('1700000002000');
      expect(second?.headers['x-hubspot-signature-v3']).not.toBe(first?.headers['x-hubspot-signature-v3']);
      expect(sender.counts).toMatchObject({ delivered: 1, retried: 1, failedRequests: 1 });
    },
  );

  it('that get no answer in time are sent again', async () => {
    const { received, url } = await receive((request) => (request === 0 ? 0 : 200));
    const sender = sendTo(url, { timeLimitMs: 50 });

    sender.send(inventEvents(1));
    await sender.drain();

    expect(received.map(({ events }) => events[0]?.attemptNumber)).toEqual([0, 1]);
  });

  it('that meet no listener are given up after the last retry, and counted', async () => {
    const sender = sendTo('http://127.0.0.1:1/hubspot', { retryDelaysMs: [1, 1] });

    sender.send(inventEvents(3));
    await sender.drain();

    expect(sender.counts).toMatchObject({ delivered: 0, retried: 6, dropped: 3 });
  });

  it('are retried ten times in 24 hours by default', () => {
    const latest = RETRY_DELAYS_MS.reduce((sum, ms) => sum + ms * 1.5, 0);

    expect(RETRY_DELAYS_MS).toHaveLength(10);
    expect(latest).toBeLessThanOrEqual(24 * 3_600_000);
    expect(latest).toBeGreaterThan(20 * 3_600_000);
  });

  it('are put together anew when they are sent again', async () => {
    const { received, url } = await receive((request) => (request < 2 ? 500 : 200));
    const sender = sendTo(url, { maxEventsPerRequest: 50, retryDelaysMs: [40] });

    sender.send(inventEvents(100));
    await sender.drain();

    const [first, , ...again] = received.map(
      ({ events }) => new Set(events.map(({ messageId }) => messageId)),
    );
    expect(
      again.some(
        (batch) => [...batch].some((id) => first!.has(id)) && ![...batch].every((id) => first!.has(id)),
      ),
    ).toBe(true);
    expect(sender.counts.delivered).toBe(100);
  });

  it('come twice in the configured share', async () => {
    const { received, url } = await receive();
    const sender = sendTo(url, { duplicates: 0.3 });

    sender.send(inventEvents(400));
    await sender.drain();

    const ids = messageIds(received);
    expect(new Set(ids).size).toBe(400);
    expect(ids.length).toBe(400 + sender.counts.duplicated);
    expect(sender.counts.duplicated).toBeGreaterThan(80);
    expect(sender.counts.duplicated).toBeLessThan(160);
  });

  it('come out of order in the configured share, and in order otherwise', async () => {
    const [ordered, mixed] = [await receive(), await receive()];
    const events = inventEvents(60);
    const senders = [sendTo(ordered.url), sendTo(mixed.url, { reordered: 0.3 })];

    for (const sender of senders) sender.send(events);
    await Promise.all(senders.map((sender) => sender.drain()));

    const sent = events.map(({ messageId }) => messageId);
    expect(messageIds(ordered.received)).toEqual(sent);
    expect(messageIds(mixed.received)).not.toEqual(sent);
    expect(new Set(messageIds(mixed.received))).toEqual(new Set(sent));
  });

  it('are never more than ten requests in flight', async () => {
    const waiting: (() => void)[] = [];
    const post = (): Promise<number> =>
      new Promise((resolve) =>
        waiting.push(() => {
          resolve(200);
        }),
      );
    const sender = sendTo('http://127.0.0.1:1', { maxEventsPerRequest: 1, post });

    sender.send(inventEvents(35));
    await expect.poll(() => waiting.length).toBe(10);
    const release = setInterval(() => waiting.shift()?.(), 1);
    await sender.drain();
    clearInterval(release);

    expect(sender.counts).toMatchObject({ delivered: 35, mostInFlight: 10 });
  });

  it('end with stop: nothing is retried, nothing more is sent', async () => {
    const { received, url } = await receive(() => 500);
    const sender = sendTo(url, { retryDelaysMs: [60] });
    sender.send(inventEvents(1));
    await expect.poll(() => received.length).toBe(1);

    await sender.stop();
    sender.send(inventEvents(1));
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(received.length).toBe(1);
  });

  it('end with stop even when the request in flight fails', async () => {
    const { received, url } = await receive(() => 0);
    const sender = sendTo(url, { timeLimitMs: 50, retryDelaysMs: [60_000] });
    sender.send(inventEvents(1));
    await expect.poll(() => received.length).toBe(1);

    await sender.stop();

    expect(sender.counts).toMatchObject({ requests: 1, failedRequests: 1 });
  });
});
