import { describe, expect, it } from 'vitest';
import { type HubSpotGet } from '../../../functions/hubspot/http.ts';
import { createGetOriginal } from '../../../functions/hubspot/originals.ts';
import { HubSpotError } from '../../../functions/errors.ts';

const THREAD = { portalId: '62515', threadId: '7' };

function ask(text: string | undefined, apiVersion: 'v3' | '2026-09' = 'v3') {
  const paths: string[] = [];
  const get: HubSpotGet = (_, path) => {
    paths.push(path);
    return Promise.resolve({ text, answeredAt: 0 });
  };
  return { paths, original: createGetOriginal(get, apiVersion)(THREAD, 'a b') };
}

describe('an original', () => {
  it.each([
    ['v3', '/conversations/v3/conversations/threads/7/messages/a%20b/original-content'],
    ['2026-09', '/conversations/conversations/2026-09/threads/7/messages/a%20b/original-content'],
  ] as const)('is asked for by the path of %s', async (apiVersion, path) => {
    const { paths, original } = ask('{"text":"whole","richText":"<p>whole"}', apiVersion);

    expect(await original).toEqual({ text: 'whole', richText: '<p>whole' });
    expect(paths).toEqual([path]);
  });

  it.each([
    ['{"richText":"<p>"}', { text: null, richText: '<p>' }],
    ['{"text":"","richText":null}', { text: '', richText: null }],
    ['{"more":1}', { text: null, richText: null }],
    [String.raw`{"text":"so \ud83d","richText":"\ude00"}`, { text: 'so \ufffd', richText: '\ufffd' }],
  ])('may have one form of text only: %s', async (text, expected) => {
    expect(await ask(text).original).toEqual(expected);
  });

  it.each([
    [undefined, { name: 'UnobtainableError', reason: 'not found' }],
    ['{"text":7}', { name: 'UnobtainableError', reason: 'unusable answer' }],
    ['[]', { name: 'UnobtainableError', reason: 'unusable answer' }],
    ['{"text":"the text of a mess', { name: 'HubSpotError', transient: true }],
  ])('cannot be read from %j', async (text, expected) => {
    await expect(ask(text).original).rejects.toMatchObject(expected);
  });

  it('that cannot be read is told of without a word of it', async () => {
    await expect(ask('{"text":"the text').original).rejects.toThrow(
      "HubSpot's answer for the original of message a b of thread 62515/7 is not JSON",
    );
  });

  it.each([
    [403, { name: 'UnobtainableError', reason: 'missing scope' }],
    [400, { name: 'UnobtainableError', reason: 'refused' }],
    [401, { name: 'HubSpotError', status: 401 }],
  ])('that is answered with %i', async (status, expected) => {
    const get: HubSpotGet = () => Promise.reject(new HubSpotError('refused', { status }));

    await expect(createGetOriginal(get, 'v3')(THREAD, 'a')).rejects.toMatchObject(expected);
  });
});
