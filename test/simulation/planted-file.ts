import { createHash } from 'node:crypto';
import { type SimulatedFile } from '../../local/simulated-hubspot/attachments.ts';
import { type JsonObject } from '../../local/simulated-hubspot/json-text.ts';

/** The attachments of the message that a step says: every third has a file, and every sixth another one. */
export function plantedFiles(id: number): SimulatedFile[] {
  const files = [id % 3 === 0 ? [`${id}1`] : [], id % 6 === 0 ? [`${id}2`] : []].flat();
  return files.map((fileId) => ({ fileId, name: 'photo', extension: 'jpg', type: 'IMG', sizeBytes: 3 }));
}

/** A file as it is attached to a message. */
export function attachmentOf({ fileId }: SimulatedFile): JsonObject {
  return { type: 'FILE', fileId, fileUsageType: 'IMAGE', name: 'photo.jpg' };
}

/** What is in a file. */
export function contentOf(fileId: string): { body: Buffer; sha256: string } {
  const body = Buffer.from(`the bytes of ${fileId}`);
  return { body, sha256: createHash('sha256').update(body).digest('hex') };
}
