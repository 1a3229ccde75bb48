import { describe, expect, it } from 'vitest';
import { addEntry, createThread } from '../../../local/simulated-hubspot/changes.ts';
import { bytesOf } from '../../../local/simulated-hubspot/files-api.ts';
import { call, simulate } from './client.ts';

function withFile(options: Parameters<typeof simulate>[0] = {}) {
  const hubspot = simulate(options);
  const { threadId } = createThread(hubspot.world);
  while (hubspot.world.files.size === 0)
    addEntry(hubspot.world, threadId, { type: 'MESSAGE', by: 'visitor', text: 'see photo' });
  const file = [...hubspot.world.files.values()][0]!;
  const sign = (query = '') => call(hubspot, `/files/v3/files/${file.fileId}/signed-url${query}`);
  const download = (url: string) => {
    const { pathname, search } = new URL(url);
    return hubspot.handle({ method: 'GET', path: pathname + search });
  };
  return { hubspot, file, sign, download };
}

describe('an attached file', () => {
  it('has metadata and a signed URL that gives its bytes without a token', () => {
    const { hubspot, file, sign, download } = withFile();

    const { json } = sign();
    const answer = download(json['url'] as string);

    expect(json).toMatchObject({
      name: file.name,
      extension: file.extension,
      type: file.type,
      size: file.sizeBytes,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(bytesOf(file));
    expect(answer.body).toHaveLength(file.sizeBytes);
    expect(call(hubspot, `/files/v3/files/${file.fileId}`).json).toMatchObject({
      id: file.fileId,
      size: file.sizeBytes,
    });
    expect(hubspot.log.calls.find(({ path }) => path.startsWith('/signed-url/'))?.carriedToken).toBe(false);
  });

  it('is a login page once its URL has expired or was changed', () => {
    const { hubspot, sign, download } = withFile();
    const url = sign('?expirationSeconds=60').json['url'] as string;

    const changed = download(url.replace(/expires=\d+/, 'expires=9999999999999'));
    hubspot.clock.now += 60_000;
    const expired = download(url);

    expect([changed.status, expired.status]).toEqual([307, 307]);
    expect(download(`https://files.example.net${expired.headers['location'] ?? ''}`)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=UTF-8' },
    });
  });

  it('needs one of the scopes for files', () => {
    const { hubspot, file } = withFile({ tokens: { narrow: ['conversations.read'] } });

    const { status, json } = call(hubspot, `/files/v3/files/${file.fileId}/signed-url`, { token: 'narrow' });

    expect(status).toBe(403);
    expect(json['category']).toBe('MISSING_SCOPES');
  });

  it('that nobody attached is unknown', () => {
    expect(call(simulate(), '/files/v3/files/1/signed-url').status).toBe(404);
  });
});
