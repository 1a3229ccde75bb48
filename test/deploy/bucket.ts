import { gunzipSync } from 'node:zlib';
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsOutput,
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

/** The rows of a part, read with nothing of ours: what any reader of gzip and JSON sees. */
export function readRows(part: Buffer): MessageRow[] {
  const lines = gunzipSync(part).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as MessageRow);
}
