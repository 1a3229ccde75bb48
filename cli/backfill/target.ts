import { existsSync } from 'node:fs';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { openFolderStore, type FolderStore } from '../../local/folder-store.ts';
import { type ArchivePlace, type ArchiveReader, openArchiveReader } from '../archive-place.ts';
import { createSqsClient } from '../sqs-client.ts';
import { readStackOutputs } from '../stack-outputs.ts';
import { type BackfillQueue, createBackfillQueue } from './queue-feed.ts';

/** Where threads are to be archived, open. */
export type Target =
  | { kind: 'folder'; archive: FolderStore; close: () => Promise<void> }
  | { kind: 'stack'; archive: ArchiveReader; queue: BackfillQueue; close: () => Promise<void> };

/**
 * The target, to be written. A folder is made where there is none, and is this process's alone until it is closed.
 * @throws ConfigError when another process has the folder, or the stack is another; what CloudFormation throws
 */
export async function openTarget(place: ArchivePlace): Promise<Target> {
  if ('folder' in place) {
    const archive = await openFolderStore(place.folder);
    return { kind: 'folder', archive, close: archive.close };
  }
  const archive = await openArchiveReader(place);
  const read = await readStackOutputs(new CloudFormationClient(), place.stack);
  const queue = createBackfillQueue(createSqsClient(), read('ThreadQueueUrl'));
  return { kind: 'stack', archive, queue, close: () => Promise.resolve() };
}

/** The records of the target, to be read and no more. Where there is no folder yet, nothing is archived. */
export async function openRecords(place: ArchivePlace): Promise<Pick<ArchiveReader, 'get'>> {
  if ('folder' in place && !existsSync(place.folder)) return { get: () => Promise.resolve(undefined) };
  return openArchiveReader(place);
}
