import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver } from '../../local/receiver.ts';
import { createWebhookFilter, describeWebhook } from '../../local/serve-lines.ts';
import { type Door, describeWebhookDoor } from '../contract/webhook-door.ts';
import { breakableReceiver } from '../support/breakable-receiver.ts';
import { requestOf, type SentRequest } from '../support/forgeries.ts';

/** Writes bytes to a port and reads until the other side ends. */
async function talk(port: number, ...bytes: (string | Buffer)[]): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The other side may have had enough before all is written.
  socket.on('error', () => undefined);
  for (const each of bytes) socket.write(each);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

/** A request, letter by letter. */
function rawHead({ method, target, headers, body }: SentRequest): Buffer {
  const own: [string, string][] = [
    ['Host', 'x'],
    ['Connection', 'close'],
    ['Content-Length', String(body.length)],
  ];
  const lines = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
}

function parseAnswer(answer: string) {
  const [head = '', ...body] = answer.split('\r\n\r\n');
  const [status = '', ...headers] = head.split('\r\n');
  return {
    status: Number(status.split(' ')[1]),
    headers: headers.map((header) => header.split(':')[0] ?? ''),
    // An empty one may come in chunks.
    body: body.join('').replace(/^0$/, ''),
  };
}

/** The receiver of `npm run serve`, and the lines that it would print. */
async function openReceiver({ longestRequestMs }: { longestRequestMs?: number } = {}) {
  const { receive, now, ...rest } = breakableReceiver();
  const lines: string[] = [];
  const isWorthALine = createWebhookFilter(now);
  const { url, close } = await startReceiver(
    async (request) => {
      const answer = await receive(request);
      if (isWorthALine(answer.outcome)) lines.push(describeWebhook(answer.outcome));
      return answer;
    },
    { port: 0, ...(longestRequestMs !== undefined && { longestRequestMs }) },
  );
  const { origin, port } = new URL(url);
  const door: Door = {
    ...rest,
    origin,
    knock: async (request) => parseAnswer(await talk(Number(port), rawHead(request), request.body)),
    takeLines: () => lines.splice(0),
    refusalLine: /^webhook refused: [a-z ]+$/,
    close,
  };
  return { ...door, port: Number(port) };
}

describeWebhookDoor('the receiver on this machine', openReceiver);

describe('the receiver on this machine', () => {
  let door: Awaited<ReturnType<typeof openReceiver>>;
  let sockets: net.Socket[];
  beforeEach(() => (sockets = []));
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await door.close();
  });

  const expectStillOpen = async () => {
    expect((await door.knock(requestOf(door.origin, {}))).status).toBe(200);
  };
  const head = 'POST /webhook HTTP/1.1\r\nHost: x\r\n';

  it.each([
    ['headers of 20 KB', `${head}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['5,000 headers', `${head}${'X: y\r\n'.repeat(5_000)}\r\n`, 431],
    ['a target of 20 KB', `POST /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['no HTTP', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', 400],
    ['no host', 'POST /webhook HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 400],
    ['a method that is none', 'HUBSPOT /webhook HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    ['a negative length', `${head}Content-Length: -1\r\n\r\n`, 400],
    ['a broken chunk', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['an expectation', `${head}Expect: money\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, 417],
    ['a target that is no URL', 'POST http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 401],
  ])('answers %s without a word, and goes on', async (_, bytes, status) => {
    door = await openReceiver();

    const answer = parseAnswer(await talk(door.port, Buffer.from(bytes, 'latin1')));

    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(/^(\{"status":"unauthorized"\})?$/);
    await expectStillOpen();
  });

  it.each([
    ['headers', `${head}X: `],
    ['a body', `${head}Content-Length: 10\r\n\r\nabc`],
    ['chunks', `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`],
  ])('answers 408 to %s that never end', async (_, bytes) => {
    door = await openReceiver({ longestRequestMs: 100 });

    const answer = parseAnswer(await talk(door.port, bytes));

    expect(answer).toMatchObject({ status: 408, body: '' });
  });

  it('takes a webhook while hundreds of others send nothing more, and outlives their end', async () => {
    door = await openReceiver();
    sockets = Array.from({ length: 300 }, () => net.connect(door.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.write(`${head}Content-Length: 1000000\r\n\r\n[`);

    await expectStillOpen();
    for (const socket of sockets) socket.resetAndDestroy();

    await expectStillOpen();
  });

  it('ends a connection that asks for a tunnel', async () => {
    door = await openReceiver();

    expect(await talk(door.port, 'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');

    await expectStillOpen();
  });
});
