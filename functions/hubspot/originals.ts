import * as z from 'zod/mini';
import { type ThreadId, threadIdText } from '../thread-id.ts';
import { getContent } from './content.ts';
import { type HubSpotGet } from './http.ts';
import { type ApiVersion, threadPath } from './paths.ts';

/** The whole content of a message that is listed cut; a form of it that HubSpot does not send is null. */
export type OriginalContent = { text: string | null; richText: string | null };

/**
 * The original of a message.
 * @throws UnobtainableError when HubSpot has none to give; HubSpotError when it may have one later
 */
export type GetOriginal = (id: ThreadId, messageId: string) => Promise<OriginalContent>;

// Some originals have markup only.
const originalSchema = z.looseObject({
  text: z.nullish(z.string()),
  richText: z.nullish(z.string()),
});

/**
 * Asks for originals; every call is paced, see {@link HubSpotGet}. Source:
 * https://developers.hubspot.com/docs/api-reference/conversations (read November 2026).
 */
export function createGetOriginal(get: HubSpotGet, apiVersion: ApiVersion): GetOriginal {
  return async (id, messageId) => {
    const path = `${threadPath(apiVersion, id)}/messages/${encodeURIComponent(messageId)}/original-content`;
    const what = `original of message ${messageId} of thread ${threadIdText(id)}`;
    const { text, richText } = await getContent(get, { portalId: id.portalId, path, what }, originalSchema);
    // Half of a surrogate pair is U+FFFD, as in every column.
    return { text: text?.toWellFormed() ?? null, richText: richText?.toWellFormed() ?? null };
  };
}
