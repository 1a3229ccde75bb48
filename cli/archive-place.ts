import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { createS3Store } from '../functions/archive/s3-store.ts';
import { type LegalHolds, type ObjectEraser, type ObjectStore } from '../functions/archive/store.ts';
import { createS3Eraser } from '../functions/erase/s3-eraser.ts';
import { createS3LegalHolds } from '../functions/holds/s3-legal-hold.ts';
import { UsageError } from '../local/command-line.ts';
import { type FolderReader, openFolderReader } from '../local/folder-reader.ts';
import { openFolderStore } from '../local/folder-store.ts';
import { readStackOutputs } from './stack-outputs.ts';

/** Which archive a command is about: that of a deployed stack, or a folder. */
export type ArchivePlace = { stack: string } | { folder: string };

/** The options that name it, for the schema of a command line. */
export const archivePlaceShape = {
  stack: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/)
    .optional()
    .describe('the name of a CloudFormation stack'),
  folder: z.string().min(1).optional().describe('a path'),
};

/** What a command's help says of them. */
export const ARCHIVE_PLACE_USAGE = `  --stack NAME             the archive of a deployed stack (default Threadvault), with the AWS SDK's credentials and region
  --folder PATH            an archive in a folder`;

/**
 * The place that the options name.
 * @param byDefault the stack that is meant when they name none
 * @throws UsageError when there are two
 */
export function archivePlaceOf(
  { stack, folder }: { stack?: string | undefined; folder?: string | undefined },
  byDefault = 'Threadvault',
): ArchivePlace {
  if (stack !== undefined && folder !== undefined)
    throw new UsageError('of --stack and --folder only one can be given');
  return folder === undefined ? { stack: stack ?? byDefault } : { folder };
}

/** The place in words. */
export function describePlace(place: ArchivePlace): string {
  return 'folder' in place ? place.folder : `the stack ${place.stack}`;
}

/** What can be read of an archive. */
export type ArchiveReader = FolderReader & { locks?: LegalHolds | undefined };

/**
 * An archive to be read, also while others write it.
 * @throws ConfigError when it is not there; what CloudFormation throws
 */
export async function openArchiveReader(place: ArchivePlace): Promise<ArchiveReader> {
  return 'folder' in place ? openFolderReader(place.folder) : openBucket(place.stack);
}

/** An archive to be read and written, until it is closed. */
export type OpenArchive = ObjectStore &
  ObjectEraser & {
    /** Legal holds on versions; undefined in a folder, which has none. */
    locks: LegalHolds | undefined;
    close: () => Promise<void>;
  };

/**
 * An archive to be written. A folder is this process's alone until it is closed.
 * @throws ConfigError when it is not there, or another process has the folder; what CloudFormation throws
 */
export async function openArchive(place: ArchivePlace): Promise<OpenArchive> {
  if ('folder' in place) {
    // One that is not there is a misspelt one.
    await openFolderReader(place.folder);
    return { ...(await openFolderStore(place.folder)), locks: undefined };
  }
  return { ...(await openBucket(place.stack)), close: () => Promise.resolve() };
}

/**
 * The bucket of a deployed stack, with the AWS SDK's credentials and region.
 * @throws ConfigError when the stack has none; what CloudFormation throws
 */
export async function findBucket(stack: string): Promise<{ client: S3Client; bucket: string }> {
  const read = await readStackOutputs(new CloudFormationClient(), stack);
  return { client: new S3Client(), bucket: read('ArchiveBucketName') };
}

async function openBucket(stack: string): Promise<ObjectStore & ObjectEraser & { locks: LegalHolds }> {
  const { client, bucket } = await findBucket(stack);
  return {
    ...createS3Store(client, bucket),
    ...createS3Eraser(client, bucket),
    locks: createS3LegalHolds(client, bucket),
  };
}
