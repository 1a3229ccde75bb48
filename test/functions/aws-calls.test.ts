import { globSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createS3Store } from '../../functions/archive/s3-store.ts';
import { callsGivenUpAfter } from '../../functions/aws-calls.ts';
import { StoreError } from '../../functions/errors.ts';

describe('a call of AWS', () => {
  it('that is never answered is given up, so that its thread can wait without losing a try', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = new S3Client({
      ...callsGivenUpAfter(50),
      region: 'eu-central-1',
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });

    const error = await createS3Store(client, 'bucket')
      .get('threads/7.json')
      .catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({
      message: 'no whole answer from S3 to GET threads/7.json: TimeoutError',
      status: undefined,
    });
    expect(sockets).toHaveLength(3);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('is made by no function through a client that waits for ever', () => {
    const made = globSync('functions/*.ts').flatMap((file) =>
      Array.from(readFileSync(file, 'utf8').matchAll(/new \w+Client\((.*?)\)/g), ([, options]) => options),
    );

    expect(made.length).toBeGreaterThan(10);
    expect(made.filter((options) => options !== 'BACKGROUND_CALLS' && options !== 'WEBHOOK_CALLS')).toEqual(
      [],
    );
  });
});
