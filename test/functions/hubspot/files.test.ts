import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFiles, type FetchedFile, type FilesOptions } from '../../../functions/hubspot/files.ts';
import { createHubSpotGet } from '../../../functions/hubspot/http.ts';
import { bytesOf } from '../../../local/simulated-hubspot/files-api.ts';
import {
  createSimulatedHubSpot,
  type SimulatedHubSpot,
  type SimulatedHubSpotOptions,
} from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { simulatedApi } from '../../support/simulated-api.ts';

const FILE = { fileId: '141', name: 'hinge', extension: 'jpg', type: 'IMG', sizeBytes: 5_000 };
const REF = { portalId: '62515', fileId: '141' };
const LONG = () => 5_000;

let hubspot: SimulatedHubSpot;
let api: Awaited<ReturnType<typeof simulatedApi>>;

async function start(options: SimulatedHubSpotOptions = {}): Promise<void> {
  hubspot = createSimulatedHubSpot(options);
  hubspot.world.files.set(FILE.fileId, FILE);
  api = await simulatedApi(hubspot);
}
beforeEach(() => start());
afterEach(() => api[Symbol.asyncDispose]());

function files(change: Partial<FilesOptions> = {}) {
  const get = createHubSpotGet(api.http);
  return createFiles({ ...api.files(), apiUrl: api.http.apiUrl, apiVersion: 'v3', get, ...change });
}

const read = ({ path: file }: FetchedFile) => readFile(file);

describe('a file', () => {
  it.each(['v3', '2026-09'] as const)(
    'is fetched through its signed URL, by the paths of %s',
    async (apiVersion) => {
      let fetched: Partial<FetchedFile> = {};

      const bytes = await files({ apiVersion }).withFile(REF, LONG, (file) => {
        fetched = file;
        return read(file);
      });

      expect(bytes).toEqual(Buffer.from(bytesOf(FILE)));
      expect(fetched).toMatchObject({
        bytes: 5_000,
        contentType: 'image/jpeg',
        name: 'hinge',
        extension: 'jpg',
      });
      expect(hubspot.log.calls.map((call) => [call.path, call.carriedToken])).toEqual([
        [`/files/${apiVersion}/files/141/signed-url`, true],
        ['/signed-url/141', false],
      ]);
    },
  );

  it('is on this machine only while it is being used', async () => {
    const during = await files().withFile(REF, LONG, () => Promise.resolve(api.temporaryFiles()));

    expect(during).toHaveLength(1);
    expect(api.temporaryFiles()).toEqual([]);
  });

  it('is removed also when what is done with it fails, and when it comes half', async () => {
    const all = files();

    await expect(all.withFile(REF, LONG, () => Promise.reject(new Error('store')))).rejects.toThrow('store');
    hubspot.faults.next(1, { kind: 'cut' }, /^\/signed-url\//);
    await expect(all.withFile(REF, LONG, read)).rejects.toMatchObject({
      name: 'HubSpotError',
      transient: true,
    });

    expect(api.temporaryFiles()).toEqual([]);
  });

  it('of a process that died is removed before the first one comes', async () => {
    await writeFile(path.join(api.files().folder, 'left behind'), 'half a file');

    const during = await files().withFile(REF, LONG, () => Promise.resolve(api.temporaryFiles()));

    expect(during).toHaveLength(1);
    expect(during).not.toContain('left behind');
  });

  it('waits while two others are there', async () => {
    const all = files();
    let most = 0;
    const use = async () => {
      most = Math.max(most, api.temporaryFiles().length);
      await new Promise((resolve) => setImmediate(resolve));
    };

    await Promise.all(Array.from({ length: 6 }, () => all.withFile(REF, LONG, use)));

    expect(most).toBe(2);
    expect(api.temporaryFiles()).toEqual([]);
  });

  it('is not begun when there is no time for it', async () => {
    expect(await files().withFile(REF, () => undefined, read)).toBeUndefined();

    expect(hubspot.log.calls).toEqual([]);
  });

  it('that is a page of HTML is one', async () => {
    hubspot.world.files.set('7', { ...FILE, fileId: '7', extension: 'html' });
    const download: FilesOptions['download'] = ({ mayBeHtml }) =>
      Promise.resolve({ bytes: 0, sha256: '', contentType: String(mayBeHtml) });

    const types = await Promise.all(
      ['7', '141'].map((fileId) =>
        files({ download }).withFile({ ...REF, fileId }, LONG, ({ contentType }) =>
          Promise.resolve(contentType),
        ),
      ),
    );

    expect(types).toEqual(['true', 'false']);
  });
});

describe('a file that cannot be had', () => {
  it('is one that nobody knows', async () => {
    await expect(files().withFile({ ...REF, fileId: '9' }, LONG, read)).rejects.toMatchObject({
      reason: 'not found',
    });
  });

  it('is one that is larger than allowed, which is not even begun', async () => {
    await expect(files({ maxBytes: 4_999 }).withFile(REF, LONG, read)).rejects.toMatchObject({
      reason: 'too large',
    });

    expect(hubspot.log.count(/^\/signed-url\//)).toBe(0);
    expect(await files({ maxBytes: 5_000 }).withFile(REF, LONG, read)).toHaveLength(5_000);
  });

  it('is one behind a page that asks for a login', async () => {
    hubspot.faults.next(1, { kind: 'status', status: 200, html: true }, /^\/signed-url\//);

    await expect(files().withFile(REF, LONG, read)).rejects.toMatchObject({ reason: 'login page' });
  });

  it('is one whose URL has expired', async () => {
    let now = Date.now();
    await api[Symbol.asyncDispose]();
    await start({ now: () => (now += 700_000) });

    await expect(files().withFile(REF, LONG, read)).rejects.toMatchObject({ reason: 'login page' });
  });

  it('is one of a host that is not known, which is not called', async () => {
    const elsewhere = files({ apiUrl: 'https://api.hubapi.com' });

    await expect(elsewhere.withFile(REF, LONG, read)).rejects.toMatchObject({
      reason: 'foreign host',
    });

    expect(hubspot.log.count(/^\/signed-url\//)).toBe(0);
  });

  it('is every one when the token lacks the scope', async () => {
    await api[Symbol.asyncDispose]();
    await start({ tokens: { 'simulated-access-token': ['conversations.read'] } });

    await expect(files().withFile(REF, LONG, read)).rejects.toMatchObject({ reason: 'missing scope' });
  });

  it.each([
    ['400', { kind: 'status', status: 400 }, 'refused'],
    ['an answer without a URL', undefined, 'unusable answer'],
  ] as const)('is one for which HubSpot gives %s', async (_, fault, reason) => {
    if (fault === undefined) hubspot.world.files.set('141', { ...FILE, name: 7 as unknown as string });
    else hubspot.faults.next(1, fault);

    await expect(files().withFile(REF, LONG, read)).rejects.toMatchObject({
      name: 'UnobtainableError',
      reason,
    });
  });
});

describe('a file that may be had later', () => {
  it.each([
    ['HubSpot is down', { kind: 'status', status: 503 }],
    ['the token is refused', { kind: 'status', status: 401 }],
    ['the answer is cut', { kind: 'truncated' }],
  ] as const)('is one while %s', async (_, fault) => {
    hubspot.faults.next(4, fault);

    await expect(files().withFile(REF, LONG, read)).rejects.toMatchObject({ name: 'HubSpotError' });
  });
});
