import { createTurns } from '../../functions/concurrency.ts';
import { UnobtainableError } from '../../functions/errors.ts';
import { type Files } from '../../functions/hubspot/files.ts';
import { createHubSpotGet, type HubSpotHttpOptions } from '../../functions/hubspot/http.ts';
import { contentOf } from './planted-file.ts';

/**
 * Attached files as a process meets them: signed, then downloaded, two at a time, and nothing on a disk. The download goes
 * by the road of the API, so that everything goes wrong with it that goes wrong there. A file's path says which it is.
 */
export function createSimulatedFiles(http: HubSpotHttpOptions): Files {
  const get = createHubSpotGet(http);
  const takeTurn = createTurns(2);
  return {
    withFile: ({ portalId, fileId }, limitMs, use) =>
      takeTurn(async () => {
        if (limitMs() === undefined) return undefined;
        const signed = await get(portalId, `/files/v3/files/${fileId}/signed-url`);
        if (limitMs() === undefined) return undefined;
        const { text } = await get(portalId, `/files/v3/files/${fileId}`);
        if (signed.text === undefined || text === undefined) {
          throw new UnobtainableError('not found', `no file ${fileId}`);
        }
        const { body, sha256 } = contentOf(fileId);
        const file = { path: fileId, bytes: body.length, sha256, contentType: 'image/jpeg' };
        return use({ ...file, name: 'photo', extension: 'jpg' });
      }),
  };
}
