import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Store } from '../../functions/archive/s3-store.ts';
import { createS3Eraser } from '../../functions/erase/s3-eraser.ts';
import { describeObjectStore } from '../contract/object-store.ts';

const client = new S3Client();

// One bucket for each test, gone with MiniStack.
describeObjectStore('a versioned S3 bucket', async () => {
  const Bucket = `contract-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  return {
    store: createS3Store(client, Bucket),
    eraser: createS3Eraser(client, Bucket),
    close: () => Promise.resolve(),
  };
});
