import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, type WebhookRequest } from '../../functions/webhook/receive.ts';
import { type Receiver, startReceiver } from '../../local/receiver.ts';

let receiver: Receiver;
let requests: WebhookRequest[];
beforeEach(async () => {
  requests = [];
  receiver = await startReceiver(
    (request) => {
      requests.push(request);
      return Promise.resolve({
        status: 200,
        body: '{"status":"ok"}',
        outcome: { result: 'refused', reason: 'test' },
      });
    },
    { port: 0 },
  );
});
afterEach(() => receiver.close());

describe('the receiver on this machine', () => {
  it('hands over a request as the API would, and gives its answer', async () => {
    const response = await fetch(`${receiver.url}?a=%40b`, {
      method: 'POST',
      body: 'ü',
      headers: { 'X-Test': '1' },
    });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"status":"ok"}');
    expect(requests).toMatchObject([
      { method: 'POST', url: `${receiver.url}?a=%40b`, headers: { 'x-test': '1' }, body: Buffer.from('ü') },
    ]);
  });

  it('hands over the public URL when something in front of it has another address', async () => {
    const urls: string[] = [];
    const behindProxy = await startReceiver(
      ({ url }) => {
        urls.push(url);
        return Promise.resolve({ status: 200, body: '', outcome: { result: 'refused', reason: 'test' } });
      },
      { port: 0, publicUrl: 'https://example.org/a%2Fb' },
    );

    await fetch(`${behindProxy.url}/other?c=d`, { method: 'POST', body: '[]' });
    await behindProxy.close();

    expect(urls).toEqual(['https://example.org/a%2Fb']);
  });

  it('answers what is here before it closes, and takes nothing more', async () => {
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const slow = await startReceiver(
      async () => {
        begun();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { status: 200, body: 'late', outcome: { result: 'refused', reason: 'test' } };
      },
      { port: 0 },
    );
    const answer = fetch(slow.url, { method: 'POST', body: '[]' });
    await hasBegun;

    const closed = slow.close();

    expect((await answer).headers.get('connection')).toBe('close');
    expect(await (await answer).text()).toBe('late');
    await closed;
    await expect(fetch(slow.url, { method: 'POST', body: '[]' })).rejects.toThrow('fetch failed');
  });

  it('listens on 127.0.0.1 alone', () => {
    expect(new URL(receiver.url).hostname).toBe('127.0.0.1');
  });

  it('hands over of a large body as much as shows that it is too large', async () => {
    for (const size of [MAX_BODY_BYTES, MAX_BODY_BYTES + 1, 10_000_000]) {
      await fetch(receiver.url, { method: 'POST', body: Buffer.alloc(size) });
    }

    const [largest, larger, huge] = requests.map(({ body }) => body.length);
    expect([largest, larger]).toEqual([MAX_BODY_BYTES, MAX_BODY_BYTES + 1]);
    expect(huge).toBeGreaterThan(MAX_BODY_BYTES);
    expect(huge).toBeLessThan(MAX_BODY_BYTES + 1_000_000);
  });

  it.each(['/../webhook', '//example.org/webhook', '/a%2fb/./c', 'http://example.org/webhook'])(
    'hands over the target %s letter by letter',
    async (target) => {
      const { origin, port } = new URL(receiver.url);

      const request = http.request({ port, host: '127.0.0.1', method: 'POST', path: target });
      const answered = once(request, 'response');
      request.end('[]');
      const [response] = (await answered) as [http.IncomingMessage];
      response.resume();

      expect(requests).toMatchObject([{ url: origin + target }]);
    },
  );

  it('outlives a sender that goes away in the middle', async () => {
    const socket = net.connect(Number(new URL(receiver.url).port), '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write('POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', () => {
        socket.destroy();
        resolve();
      });
    });

    expect((await fetch(receiver.url, { method: 'POST', body: '[]' })).status).toBe(200);
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL(receiver.url).port);

    await expect(startReceiver(() => Promise.reject(new Error('unused')), { port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
  });
});
