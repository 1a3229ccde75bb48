import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubSpotError, UnobtainableError } from '../errors.ts';

/** What is to be downloaded, and what is known of it. */
export type DownloadRequest = {
  url: URL;
  /** How an error calls it; the URL is a secret. */
  what: string;
  /** Where to write it; there must be no such file yet. */
  path: string;
  maxBytes: number;
  /** Its size, when that is known. */
  size: number | undefined;
  /** Whether it may be a page of HTML. */
  mayBeHtml: boolean;
  /** After so many milliseconds it is given up. */
  limitMs: number;
};

/** What came: its length, its SHA-256 in hex and the media type it was sent with. */
export type Downloaded = { bytes: number; sha256: string; contentType: string };

/** Downloads into a file. */
export type Download = (request: DownloadRequest) => Promise<Downloaded>;

/**
 * Downloads as a stream, counted and hashed on the way, without a token. What comes is whole, and no page that asks for a
 * login. The file may be there, in part, when it fails.
 * @throws UnobtainableError for a redirect, a page of HTML in place of a file, one that is too large, and a refusal;
 * HubSpotError, transient, when it did not come whole; errors of the file system as they are
 */
export function createDownload(fetch: typeof globalThis.fetch = globalThis.fetch): Download {
  return async (request) => {
    const { what, limitMs } = request;
    try {
      const response = await fetch(request.url, {
        // A redirect leads to a page that asks for a login, or to who knows where.
        redirect: 'manual',
        // What is counted is what was sent.
        headers: { 'accept-encoding': 'identity' },
        signal: AbortSignal.timeout(limitMs),
      });
      try {
        refuse(response, request);
        return await receive(response, request);
      } finally {
        if (!response.bodyUsed) await response.body?.cancel();
      }
    } catch (cause) {
      if (cause instanceof UnobtainableError || cause instanceof HubSpotError || isOfFileSystem(cause))
        throw cause;
      const kind = cause instanceof Error ? cause.name : 'unknown error';
      throw new HubSpotError(`the ${what} did not come whole: ${kind}`, { transient: true, cause });
    }
  };
}

function refuse(response: Response, { what, maxBytes, mayBeHtml }: DownloadRequest): void {
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw new UnobtainableError('login page', `the ${what} leads elsewhere (${status})`);
  }
  if (status === 404 || status === 410)
    throw new UnobtainableError('not found', `the ${what} is gone (${status})`);
  if (status === 408 || status === 429 || status >= 500) {
    throw new HubSpotError(`the host of the ${what} answered ${status}`, { status, transient: true });
  }
  if (status !== 200) throw new UnobtainableError('refused', `the host of the ${what} answered ${status}`);
  if (HTML_TYPES.includes(mediaType(response)) && !mayBeHtml) {
    throw new UnobtainableError('login page', `a page of HTML came in place of the ${what}`);
  }
  if ((contentLength(response) ?? 0) > maxBytes) throw tooLarge(what, maxBytes);
}

const HTML_TYPES: readonly string[] = ['text/html', 'application/xhtml+xml'];

async function receive(
  response: Response,
  { what, path, maxBytes, size }: DownloadRequest,
): Promise<Downloaded> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(what, maxBytes);
      hash.update(chunk);
      yield chunk;
    }
  }
  // Opened first: a stream opens its file when it comes to it, and that may be after the caller has cleaned up.
  const file = await open(path, 'wx');
  await pipeline(response.body ?? Readable.from([]), measured, file.createWriteStream());
  for (const promised of [contentLength(response), size]) {
    if (promised !== undefined && promised !== bytes) {
      throw new HubSpotError(`${bytes} bytes of the ${what} came instead of ${promised}`, {
        transient: true,
      });
    }
  }
  return { bytes, sha256: hash.digest('hex'), contentType: mediaType(response) };
}

/** `application/octet-stream` when there is none to read. */
function mediaType({ headers }: Response): string {
  const [type] = /^[\w.+-]+\/[\w.+-]+/.exec(headers.get('content-type') ?? '') ?? [
    'application/octet-stream',
  ];
  return type.toLowerCase();
}

/** As long as the body is; undefined when it is not said, or said of something compressed. */
function contentLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  const encoding = headers.get('content-encoding') ?? 'identity';
  return encoding === 'identity' && length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

function tooLarge(what: string, maxBytes: number): UnobtainableError {
  return new UnobtainableError('too large', `the ${what} is larger than ${maxBytes} bytes`);
}

function isOfFileSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
