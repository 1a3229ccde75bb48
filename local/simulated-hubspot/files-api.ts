import { hash } from 'node:crypto';
import {
  answerHtml,
  answerJson,
  type ApiAnswer,
  invalidRequest,
  missingScopes,
  notFound,
} from './answers.ts';
import { type Call } from './call.ts';
import { type SimulatedFile } from './attachments.ts';
import { writeJson } from './json-text.ts';
import { isoInstant } from './message-json.ts';
import { type World } from './world.ts';

/** Where signed URLs point: on the simulated HubSpot's own server, outside the API. */
export const DOWNLOAD_PATH = '/signed-url/';
const FILE_SCOPES = ['files', 'files.read', 'files.ui_hidden.read'];
// HubSpot documents neither; short enough that a URL kept for later does not work.
const DEFAULT_EXPIRY_SECONDS = 900;

/**
 * `GET /files/v3/files/{fileId}` and its `/signed-url`: the way to the bytes behind an attachment.
 * Members as in HubSpot's specification of the Files API (read November 2026).
 */
export function readFileApi(call: Call, fileId: string, part: string | undefined): ApiAnswer {
  const { world, query, scopes, downloadOrigin } = call;
  if (!scopes.some((scope) => FILE_SCOPES.includes(scope))) throw missingScopes('files.ui_hidden.read');
  const file = world.files.get(fileId);
  if (file === undefined || (part !== undefined && part !== 'signed-url')) throw notFound('file', fileId);
  const { name, extension, type, sizeBytes } = file;
  if (part === undefined) {
    const at = isoInstant(world.now());
    const access = 'HIDDEN_PRIVATE';
    return answerJson(
      writeJson({
        id: fileId,
        name,
        extension,
        type,
        size: sizeBytes,
        access,
        archived: false,
        createdAt: at,
        updatedAt: at,
      }),
    );
  }
  const seconds = query.get('expirationSeconds') ?? String(DEFAULT_EXPIRY_SECONDS);
  if (!/^\d{1,7}$/.test(seconds)) throw invalidRequest('expirationSeconds must be a whole number');
  const expires = world.now() + Number(seconds) * 1000;
  const signature = signatureOf(world, fileId, String(expires));
  const url = `${downloadOrigin}${DOWNLOAD_PATH}${fileId}?expires=${expires}&signature=${signature}`;
  return answerJson(
    writeJson({ expiresAt: isoInstant(expires), url, name, extension, type, size: sizeBytes }),
  );
}

/**
 * The bytes behind a signed URL. One that has expired, or was changed, leads to a login page, as HubSpot's do:
 * a client that follows it without looking saves HTML as a picture.
 */
export function downloadFile(world: World, fileId: string, query: URLSearchParams): ApiAnswer {
  if (fileId === 'login') return answerHtml(200, 'HubSpot Login');
  const expires = query.get('expires') ?? '';
  const isValid =
    query.get('signature') === signatureOf(world, fileId, expires) && world.now() < Number(expires);
  const file = world.files.get(fileId);
  if (!isValid || file === undefined) {
    return { status: 307, headers: { location: `${DOWNLOAD_PATH}login` }, body: '', transport: 'whole' };
  }
  const headers = { 'content-type': CONTENT_TYPES[file.extension] ?? 'application/octet-stream' };
  return { status: 200, headers, body: bytesOf(file), transport: 'whole' };
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  pdf: 'application/pdf',
  ogg: 'audio/ogg',
  txt: 'text/plain',
};
const BEGINNINGS: Readonly<Record<string, string>> = {
  jpg: '\xff\xd8\xff\xe0',
  png: '\x89PNG\r\n\x1a\n',
  pdf: '%PDF-1.7\n',
  ogg: 'OggS',
};

/** A file's content: the same bytes for the same file, every time. */
export function bytesOf({ fileId, extension, sizeBytes }: SimulatedFile): Uint8Array {
  const blocks = [Buffer.from(BEGINNINGS[extension] ?? '', 'latin1')];
  for (let length = 0, block = 0; length < sizeBytes; length += 32, block++) {
    blocks.push(hash('sha256', `${fileId}/${block}`, 'buffer'));
  }
  return Buffer.concat(blocks, sizeBytes);
}

function signatureOf(world: World, fileId: string, expires: string): string {
  return hash('sha256', `${world.seed}/signed-url/${fileId}/${expires}`, 'hex');
}
