import { createFiles, type Files, type FilesOptions } from './files.ts';
import { createHubSpotGet, type HubSpotHttpOptions } from './http.ts';
import { createGetOriginal, type GetOriginal } from './originals.ts';
import { type ApiVersion } from './paths.ts';

/** Where what a listing of messages leaves out comes from. */
export type Sources = {
  getOriginal: GetOriginal;
  /** Undefined: files are not archived, and none is missed. */
  files: Files | undefined;
};

/** What is archived besides messages. `files`: undefined for none. */
export type SourcesOptions = {
  apiVersion: ApiVersion;
  files: Omit<FilesOptions, 'get' | 'apiUrl' | 'apiVersion'> | undefined;
};

/**
 * HubSpot's originals and files. They are called through a circuit of their own: when they cannot be had, messages still
 * can. The pacer is the one of all calls.
 */
export function createSources(http: HubSpotHttpOptions, { apiVersion, files }: SourcesOptions): Sources {
  const get = createHubSpotGet(http);
  return {
    getOriginal: createGetOriginal(get, apiVersion),
    files: files && createFiles({ ...files, apiUrl: http.apiUrl, apiVersion, get }),
  };
}
