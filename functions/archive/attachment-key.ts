import { createHash } from 'node:crypto';
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
  const segments = [threadId, messageId, fileId].map(segment);
  return `${ATTACHMENTS_PREFIX}portal_id=${segment(portalId)}/${segments.join('/')}/`;
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

// Ids of messages and files are HubSpot's, and nothing says what they may hold. One that cannot be a path segment must not
// keep its thread out of the archive.
function segment(id: string): string {
  return isSafeId(id) ? id : `sha256-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}
