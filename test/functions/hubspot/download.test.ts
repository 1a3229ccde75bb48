import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDownload, type DownloadRequest } from '../../../functions/hubspot/download.ts';

const BYTES = Buffer.from('%PDF-1.7 some bytes');
const WHOLE = { 'content-type': 'application/pdf', 'content-length': BYTES.length };

let server: Server;
let folder: string;
let url: URL;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-download-'));
  server = createServer((request, response) => {
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = new URL(
    `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/secret?signature=s`,
  );
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function download(change: Partial<DownloadRequest> = {}) {
  const file = path.join(folder, 'file');
  const usual = { url, what: 'file 7', path: file, maxBytes: 1_000, size: BYTES.length, limitMs: 5_000 };
  return createDownload()({ ...usual, mayBeHtml: false, ...change });
}

const send = (status: number, headers: Record<string, string | number> = {}, body: Buffer = BYTES) => {
  answer = (_, response) => response.writeHead(status, headers).end(body);
};

describe('a download', () => {
  it('writes what comes, and says how much it is and what', async () => {
    send(200, { ...WHOLE, 'content-type': 'Application/PDF; charset=x' });

    const downloaded = await download();

    const sha256 = createHash('sha256').update(BYTES).digest('hex');
    expect(downloaded).toEqual({ bytes: BYTES.length, sha256, contentType: 'application/pdf' });
    expect(await readFile(path.join(folder, 'file'))).toEqual(BYTES);
  });

  it('takes an empty file, and one of which nothing is said', async () => {
    answer = (_, response) => response.writeHead(200).end();

    expect(await download({ size: undefined })).toMatchObject({
      bytes: 0,
      contentType: 'application/octet-stream',
    });
  });

  it('asks for it as it is, without a token', async () => {
    let headers: IncomingMessage['headers'] = {};
    answer = (request, response) => {
      ({ headers } = request);
      response.writeHead(200, WHOLE).end(BYTES);
    };

    await download();

    expect(headers['accept-encoding']).toBe('identity');
    expect(headers.authorization).toBeUndefined();
  });

  it('takes one that was compressed all the same for what it is', async () => {
    const body = gzipSync(BYTES);
    send(200, { 'content-encoding': 'gzip', 'content-length': body.length }, body);

    expect(await download()).toMatchObject({ bytes: BYTES.length });
  });

  it('takes a page of HTML where it is one', async () => {
    send(200, { ...WHOLE, 'content-type': 'text/html' });

    expect(await download({ mayBeHtml: true })).toMatchObject({ contentType: 'text/html' });
  });
});

describe('a download that is given up', () => {
  it.each([
    ['a redirect', 307, { location: '/login' }, 'login page'],
    ['a redirect that says nothing', 304, {}, 'login page'],
    ['a page of HTML', 200, { 'content-type': 'text/html; charset=UTF-8' }, 'login page'],
    ['a page of XHTML', 200, { 'content-type': 'APPLICATION/xhtml+xml' }, 'login page'],
    ['404', 404, {}, 'not found'],
    ['410', 410, {}, 'not found'],
    ['403', 403, {}, 'refused'],
    ['a part of it', 206, WHOLE, 'refused'],
    ['one that says it is too large', 200, { 'content-length': 1_001 }, 'too large'],
  ])('because of %s', async (_, status, headers, reason) => {
    send(status, headers, status === 200 && reason === 'too large' ? Buffer.alloc(1_001) : BYTES);

    await expect(download()).rejects.toMatchObject({ name: 'UnobtainableError', reason });
  });

  it('because it turns out too large is ended on the way', async () => {
    let sent = 0;
    answer = (_, response) => {
      response.writeHead(200);
      const more = (): void => {
        sent += 600;
        response.write(Buffer.alloc(600), () => setTimeout(more, 5));
      };
      more();
    };

    await expect(download({ size: undefined })).rejects.toMatchObject({ reason: 'too large' });

    expect(sent).toBeLessThan(60_000);
  });
});

describe('a download that may work later', () => {
  const cutAfter = (length: number, headers: Record<string, string | number>) => {
    answer = (_, response) => {
      response.writeHead(200, headers);
      response.write(BYTES.subarray(0, length), () => response.destroy());
    };
  };

  it.each<[string, () => void]>([
    [
      '500',
      () => {
        send(500);
      },
    ],
    [
      '503 as a page of HTML',
      () => {
        send(503, { 'content-type': 'text/html' });
      },
    ],
    [
      '429',
      () => {
        send(429);
      },
    ],
    [
      '408',
      () => {
        send(408);
      },
    ],
    [
      'no answer',
      () => {
        answer = (_, response) => response.destroy();
      },
    ],
    [
      'a body that is cut',
      () => {
        cutAfter(5, WHOLE);
      },
    ],
    [
      'a body of unsaid length that is cut',
      () => {
        cutAfter(5, {});
      },
    ],
    [
      'another length than HubSpot says',
      () => {
        send(200, { 'content-length': 5 }, BYTES.subarray(0, 5));
      },
    ],
  ])('because of %s', async (_, spoil) => {
    spoil();

    await expect(download()).rejects.toMatchObject({ name: 'HubSpotError', transient: true });
  });

  it('because it takes too long', async () => {
    answer = (_, response) => response.writeHead(200).write(BYTES);

    await expect(download({ limitMs: 50 })).rejects.toMatchObject({ name: 'HubSpotError', transient: true });
  });

  it('tells of the file and not of its URL, which is as good as the file', async () => {
    answer = (_, response) => response.destroy();

    await expect(download()).rejects.toThrow('the file 7 did not come whole: TypeError');
  });

  it('passes on trouble of this machine as it is', async () => {
    send(200, WHOLE);

    await expect(download({ path: path.join(folder, 'none', 'file') })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
