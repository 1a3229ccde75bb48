import { type ThreadId } from '../thread-id.ts';

/** Which shape of path is called; `v3` is supported until September 2027, `2026-09` is its successor. */
export type ApiVersion = 'v3' | '2026-09';

/**
 * Where the Conversations API begins. The product's name stands twice and the version last in the newer shape
 * (https://github.com/HubSpot/HubSpot-public-api-spec-collection, read November 2026).
 */
export const BASE_PATHS: Readonly<Record<ApiVersion, string>> = {
  v3: '/conversations/v3/conversations',
  '2026-09': '/conversations/conversations/2026-09',
};

/** The path of a thread. */
export function threadPath(apiVersion: ApiVersion, { threadId }: ThreadId): string {
  return `${BASE_PATHS[apiVersion]}/threads/${encodeURIComponent(threadId)}`;
}
