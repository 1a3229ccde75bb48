import { gunzipSync } from 'node:zlib';
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsOutput,
  NoSuchKey,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { type MessageRow } from '../../functions/archive/row.ts';

const s3 = new S3Client();

/** Every object of the bucket, by key, in the order of their keys. */
export async function readBucket(bucket: string): Promise<Map<string, Buffer>> {
  const objects = new Map<string, Buffer>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: Key! }));
      objects.set(Key!, Buffer.from(await Body!.transformToByteArray()));
    }
  }
  return objects;
}

/** An object of the bucket; undefined when there is none. */
export async function readObject(bucket: string, key: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from(await Body!.transformToByteArray());
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** Every version of every object, as `key version`, deletions included. */
export async function listVersions(bucket: string): Promise<string[]> {
  const versions: string[] = [];
  let page: ListObjectVersionsOutput = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, KeyMarker, VersionIdMarker }));
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      versions.push(`${Key!} ${VersionId!}`);
    }
  } while (page.IsTruncated === true);
  return versions.sort();
}

/** A version of an object, as the SDK's requests name it. */
export type Version = { Key: string; VersionId: string };

/** Every version of a thread's parts, files and record, deletions included. */
export async function listVersionsOf(bucket: string, threadId: string): Promise<Version[]> {
  const lines = (await listVersions(bucket)).map((line) => line.split(' ') as [string, string]);
  const ofThread = new RegExp(`^(?:messages|threads|attachments)/.*/${threadId}(?:/|\\.json)`);
  return lines.filter(([key]) => ofThread.test(key)).map(([Key, VersionId]) => ({ Key, VersionId }));
}

/** The rows of a part, read with nothing of ours: what any reader of gzip and JSON sees. */
export function readRows(part: Buffer): MessageRow[] {
  const lines = gunzipSync(part).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as MessageRow);
}
