import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ObjectEraser,
  type ObjectStore,
  type PutFileRequest,
  type PutRequest,
  type WriteCondition,
} from '../../functions/archive/store.ts';
import { ConflictError } from '../../functions/errors.ts';

/** An empty store, and how to be rid of it. */
export type OpenedStore = { store: ObjectStore; eraser: ObjectEraser; close: () => Promise<void> };

/** What every home of the archive promises. Call it with a name and a way to open an empty one. */
export function describeObjectStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the promises of an object store`, () => {
    let opened: OpenedStore;
    let store: ObjectStore;
    let eraser: ObjectEraser;
    let files: string;
    beforeEach(async () => {
      files = await mkdtemp(path.join(tmpdir(), 'threadvault-contract-'));
      opened = await open();
      ({ store, eraser } = opened);
    });
    afterEach(async () => {
      await opened.close();
      await rm(files, { recursive: true });
    });

    /** A file of this content, to be written under a key. */
    async function fileRequest(key: string, content: Buffer): Promise<PutFileRequest> {
      const file = path.join(files, randomUUID());
      await writeFile(file, content);
      const { body, condition, ...request } = putRequest(key, content, { absent: true });
      return { ...request, path: file, bytes: body.length, metadata: { sha256: request.sha256 } };
    }

    const put = (key: string, text: string, condition: WriteCondition) =>
      store.put(putRequest(key, text, condition));
    const read = async (key: string) => (await store.get(key))?.body.toString();

    it('gives undefined for a key that was never written', async () => {
      expect(await store.get('messages/none.json.gz')).toBeUndefined();
    });

    it('gives back the bytes that were written, and the etag that writing them gave', async () => {
      const written = await put('messages/portal_id=1/dt=2026-01-31/7.json.gz', 'a\nb\u0000😀', {
        absent: true,
      });

      const object = await store.get('messages/portal_id=1/dt=2026-01-31/7.json.gz');

      expect(object?.body.toString()).toBe('a\nb\u0000😀');
      expect(object).toMatchObject(written);
    });

    it('refuses to create what exists, and leaves it as it is', async () => {
      await put('threads/1.json', 'first', { absent: true });

      await expect(put('threads/1.json', 'second', { absent: true })).rejects.toThrow(ConflictError);

      expect(await read('threads/1.json')).toBe('first');
    });

    it('replaces an object under the etag that was read', async () => {
      const { etag } = await put('threads/1.json', 'first', { absent: true });

      const second = await put('threads/1.json', 'second', { etag });

      expect(await read('threads/1.json')).toBe('second');
      expect(second.etag).not.toBe(etag);
    });

    it('refuses to replace an object that has changed since it was read, and leaves it as it is', async () => {
      const { etag } = await put('threads/1.json', 'first', { absent: true });
      await put('threads/1.json', 'second', { etag });

      await expect(put('threads/1.json', 'third', { etag })).rejects.toThrow(ConflictError);

      expect(await read('threads/1.json')).toBe('second');
    });

    it('refuses to replace an object that is not there', async () => {
      const { etag } = await put('threads/1.json', 'first', { absent: true });

      await expect(put('threads/2.json', 'second', { etag })).rejects.toThrow(ConflictError);

      expect(await store.get('threads/2.json')).toBeUndefined();
    });

    it('lets exactly one of many creators win', async () => {
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => put('threads/1.json', `writer ${i}`, { absent: true })),
      );

      const winners = attempts.flatMap((attempt, i) => (attempt.status === 'fulfilled' ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(await read('threads/1.json')).toBe(`writer ${winners[0]}`);
    });

    it('loses no update when many replace one object at once', async () => {
      await put('counter', '0', { absent: true });
      const increment = async (): Promise<void> => {
        const { body, etag } = (await store.get('counter'))!;
        try {
          await put('counter', String(Number(body.toString()) + 1), { etag });
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
          await increment();
        }
      };

      await Promise.all(Array.from({ length: 12 }, increment));

      expect(await read('counter')).toBe('12');
    });

    it('keeps a file byte for byte, and says what it is', async () => {
      const request = await fileRequest('attachments/1/2/3/写真 (2).png', Buffer.alloc(3_000_000, 'x'));

      const written = await store.putFile(request);

      const object = await store.get(request.key);
      expect(object?.body.equals(await readFile(request.path))).toBe(true);
      expect(object).toMatchObject(written);
      expect(await store.describe(request.key)).toEqual({ bytes: 3_000_000, sha256: request.sha256 });
      expect(await Array.fromAsync(store.list('attachments/1/'))).toEqual([request.key]);
    });

    it('keeps an empty file', async () => {
      const request = await fileRequest('attachments/empty', Buffer.alloc(0));

      await store.putFile(request);

      expect(await store.describe(request.key)).toEqual({ bytes: 0, sha256: request.sha256 });
    });

    it('does not write a file over what is there', async () => {
      const first = await fileRequest('attachments/1', Buffer.from('first'));
      await store.putFile(first);

      const second = store.putFile(await fileRequest('attachments/1', Buffer.from('second')));

      await expect(second).rejects.toThrow(ConflictError);
      expect(await read('attachments/1')).toBe('first');
      expect(await store.describe('attachments/1')).toEqual({ bytes: 5, sha256: first.sha256 });
    });

    it('lets exactly one of many writers of a file win', async () => {
      const requests = await Promise.all(
        Array.from({ length: 8 }, (_, i) => fileRequest('attachments/1', Buffer.from(`writer ${i}`))),
      );

      const attempts = await Promise.allSettled(requests.map((request) => store.putFile(request)));

      const winners = attempts.flatMap((attempt, i) => (attempt.status === 'fulfilled' ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(await read('attachments/1')).toBe(`writer ${winners[0]}`);
    });

    it('describes nothing where there is nothing', async () => {
      expect(await store.describe('attachments/none')).toBeUndefined();
    });

    it('lists the keys under a prefix and no others', async () => {
      for (const key of ['messages/a/1.gz', 'messages/b/2.gz', 'threads/1.json']) {
        await put(key, 'x', { absent: true });
      }

      const keys = await Array.fromAsync(store.list('messages/'));

      expect(keys.sort()).toEqual(['messages/a/1.gz', 'messages/b/2.gz']);
    });

    const versionsOf = (prefix: string) => Array.fromAsync(eraser.listVersions(prefix));

    it('erases every version of what is listed, and nothing else', async () => {
      const { etag } = await put('messages/1.gz', 'first', { absent: true });
      await put('messages/1.gz', 'second', { etag });
      await put('messages/10.gz', 'another', { absent: true });
      const versions = await versionsOf('messages/1.gz');
      expect(versions.filter((version) => version.isLatest)).toHaveLength(1);

      expect(await eraser.eraseVersions(versions)).toEqual([]);

      expect(await store.get('messages/1.gz')).toBeUndefined();
      expect(await versionsOf('messages/1.gz')).toEqual([]);
      expect(await read('messages/10.gz')).toBe('another');
    });

    it('keeps the newest version when the others are erased', async () => {
      const { etag } = await put('threads/1.json', 'first', { absent: true });
      await put('threads/1.json', 'second', { etag });

      await eraser.eraseVersions((await versionsOf('threads/1.json')).filter((version) => !version.isLatest));

      expect(await read('threads/1.json')).toBe('second');
      expect(await versionsOf('threads/1.json')).toHaveLength(1);
    });

    it('erases what is gone already without complaint', async () => {
      await put('messages/1.gz', 'first', { absent: true });
      const versions = await versionsOf('messages/');
      await eraser.eraseVersions(versions);

      expect(await eraser.eraseVersions(versions)).toEqual([]);
    });

    it('lets a key that was erased be created anew, and not replaced', async () => {
      const { etag } = await put('messages/1.gz', 'first', { absent: true });
      await eraser.eraseVersions(await versionsOf('messages/'));

      await expect(put('messages/1.gz', 'second', { etag })).rejects.toThrow(ConflictError);
      await put('messages/1.gz', 'second', { absent: true });

      expect(await read('messages/1.gz')).toBe('second');
    });
  });
}

function putRequest(key: string, content: string | Buffer, condition: WriteCondition): PutRequest {
  const body = Buffer.from(content);
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { key, body, sha256, condition, contentType: 'text/plain', metadata: { 'request-id': 'test' } };
}
