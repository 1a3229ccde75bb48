import { sha256Hex } from '../sha256.ts';
import { type ThreadId } from '../thread-id.ts';
import { ATTACHMENTS_PREFIX, isSafeId } from './layout.ts';
import { safeFileName } from './safe-file-name.ts';

/** A file that is attached to a message. */
export type AttachmentId = ThreadId & { messageId: string; fileId: string };

/** What a file is called, by the message and by HubSpot's file manager. */
export type FileNames = {
  onMessage: string | null;
  inFiles: string | undefined;
  extension: string | undefined;
};

/** What all keys of an attached file begin with: one file has one key, whatever it is called. */
export function attachmentPrefix({ portalId, threadId, messageId, fileId }: AttachmentId): string {
  const segments = [threadId, messageId, fileId].map(anySegment);
  return `${ATTACHMENTS_PREFIX}portal_id=${anySegment(portalId)}/${segments.join('/')}/`;
}

/**
 * Key of an attached file, e.g.
 * `attachments/portal_id=62515/6065362089/9b38dc6d5b5744a788931a9cf3a7b225/141234567890/broken hinge.jpg`.
 */
export function attachmentKey(id: AttachmentId, { onMessage, inFiles, extension }: FileNames): string {
  const name = onMessage ?? inFiles ?? '';
  const hasExtension = /\.[A-Za-z0-9]{1,12}$/.test(name);
  return attachmentPrefix(id) + safeFileName(hasExtension || !extension ? name : `${name}.${extension}`);
}

/**
 * An id as a segment of a path, whatever it holds: as it is when it can be one, and by its SHA-256 otherwise. Ids of messages and
 * files are HubSpot's, and nothing says what they may hold: one that cannot be a segment must not keep its thread out.
 */
export function anySegment(id: string): string {
  return isSafeId(id) ? id : `sha256-${sha256Hex(id).slice(0, 32)}`;
}
