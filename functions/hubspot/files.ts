import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { createTurns } from '../concurrency.ts';
import { UnobtainableError } from '../errors.ts';
import { getContent } from './content.ts';
import { createDownload, type Download, type Downloaded } from './download.ts';
import { type FileHosts, isFileHost } from './file-hosts.ts';
import { type HubSpotGet } from './http.ts';
import { type ApiVersion } from './paths.ts';

/** A file that HubSpot keeps for an account. */
export type FileRef = { portalId: string; fileId: string };

/** A file on this machine, whole, for as long as it is being used. `name` and `extension` are what HubSpot calls it. */
export type FetchedFile = Downloaded & {
  path: string;
  name: string | undefined;
  extension: string | undefined;
};

/** What HubSpot keeps as files. */
export type Files = {
  /**
   * Downloads a file, hands it to `use`, and removes it. At most two files are there at a time.
   * @param limitMs asked when the file's turn has come: how long the download may take, or undefined not to begin it
   * @returns what `use` gave; undefined when it was not begun
   * @throws UnobtainableError, HubSpotError, errors of the file system, and what `use` throws
   */
  withFile: <T>(
    ref: FileRef,
    limitMs: () => number | undefined,
    use: (file: FetchedFile) => Promise<T>,
  ) => Promise<T | undefined>;
};

/** What is needed to fetch files. */
export type FilesOptions = FileHosts & {
  get: HubSpotGet;
  apiVersion: ApiVersion;
  /** Larger files are refused. */
  maxBytes: number;
  /** For the files under way, and for nothing else: what a process that died has left in it is removed. */
  folder: string;
  download?: Download;
};

/** Two hide each other's latency, and bound the disk that is needed. */
const FILES_AT_A_TIME = 2;

// Long enough to begin the download, which comes next; kept short because whoever has the URL has the file.
const EXPIRY_SECONDS = 600;
const HTML_EXTENSIONS: readonly string[] = ['html', 'htm', 'xhtml'];

const signedUrlSchema = z.looseObject({
  url: z.url(),
  // All but the URL has been seen missing (https://github.com/HubSpot/hubspot-api-php/issues/161).
  name: z.nullish(z.string()),
  extension: z.nullish(z.string()),
  size: z.nullish(z.number()),
});

/**
 * HubSpot's files, through their signed URLs. Needs one of the scopes `files` and `files.ui_hidden.read`; the latter is the
 * one for files that HubSpot's file manager does not show
 * (https://developers.hubspot.com/docs/api-reference/files-files-v3/files/get-files-v3-files-fileId-signed-url, read
 * November 2026). For files marked as sensitive HubSpot answers 404
 * (https://github.com/HubSpot/hubspot-api-nodejs/issues/498).
 */
export function createFiles(options: FilesOptions): Files {
  const { get, apiVersion, maxBytes, folder, download = createDownload() } = options;
  const takeTurn = createTurns(FILES_AT_A_TIME);
  let emptied: Promise<unknown> | undefined;

  function emptyFolder(): Promise<unknown> {
    emptied ??= rm(folder, { recursive: true, force: true })
      .then(() => mkdir(folder, { recursive: true }))
      .catch((error: unknown) => {
        emptied = undefined;
        throw error;
      });
    return emptied;
  }

  async function sign({ portalId, fileId }: FileRef) {
    const file = `/files/${apiVersion}/files/${encodeURIComponent(fileId)}`;
    const signedPath = `${file}/signed-url?expirationSeconds=${EXPIRY_SECONDS}`;
    const what = `file ${fileId} of account ${portalId}`;
    const answer = await getContent(get, { portalId, path: signedPath, what }, signedUrlSchema);
    const url = new URL(answer.url);
    if (!isFileHost(url, options))
      throw new UnobtainableError('foreign host', `the ${what} is not on a known host`);
    const size = answer.size ?? undefined;
    if (size !== undefined && size > maxBytes) {
      throw new UnobtainableError('too large', `the ${what} has ${size} bytes, more than ${maxBytes}`);
    }
    return { url, what, size, name: answer.name ?? undefined, extension: answer.extension ?? undefined };
  }

  return {
    withFile: (ref, limitMs, use) =>
      takeTurn(async () => {
        if (limitMs() === undefined) return undefined;
        const { name, extension, ...signed } = await sign(ref);
        const limit = limitMs();
        if (limit === undefined) return undefined;
        await emptyFolder();
        const file = path.join(folder, randomUUID());
        try {
          const mayBeHtml = isHtml(extension ?? path.extname(name ?? '').slice(1));
          const downloaded = await download({ ...signed, path: file, maxBytes, mayBeHtml, limitMs: limit });
          return await use({ ...downloaded, path: file, name, extension });
        } finally {
          await rm(file, { force: true });
        }
      }),
  };
}

function isHtml(extension: string): boolean {
  return HTML_EXTENSIONS.includes(extension.toLowerCase());
}
