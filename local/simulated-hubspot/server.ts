import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ApiAnswer, type ApiRequest } from './answers.ts';

/** A running server. */
export type RunningServer = {
  /** Origin without a slash at the end. */
  url: string;
  port: number;
  /** Ends every connection, also those that are kept alive or stalled. */
  close: () => Promise<void>;
};

/** Serves the simulated API over HTTP on 127.0.0.1; port 0 takes a free one. */
export async function serveApi(handle: (request: ApiRequest) => ApiAnswer, port = 0): Promise<RunningServer> {
  const server = createServer((incoming, response) => {
    answer(handle, incoming, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.keepAliveTimeout = 60_000; // longer than clients keep theirs, so that none meets a connection just closed
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  handle: (request: ApiRequest) => ApiAnswer,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(incoming, 'end');
  const { authorization, host } = incoming.headers;
  const { status, headers, body, transport } = handle({
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: { authorization, host },
    body: Buffer.concat(chunks).toString(),
  });
  if (transport === 'stalled') return;
  if (transport === 'dropped') {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  if (transport === 'whole') response.end(bytes);
  else response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}
