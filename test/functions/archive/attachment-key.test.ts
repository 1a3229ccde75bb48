import { describe, expect, it } from 'vitest';
import { attachmentKey, attachmentPrefix } from '../../../functions/archive/attachment-key.ts';

const ID = { portalId: '62515', threadId: '7', messageId: 'm1', fileId: '141' };
const NOBODY_KNOWS = { onMessage: null, inFiles: undefined, extension: undefined };

describe('the key of an attached file', () => {
  it.each([
    [{ ...NOBODY_KNOWS, onMessage: 'hinge.jpg', inFiles: 'hinge-2', extension: 'jpg' }, 'hinge.jpg'],
    [{ ...NOBODY_KNOWS, onMessage: 'hinge', extension: 'jpg' }, 'hinge.jpg'],
    [{ ...NOBODY_KNOWS, inFiles: 'hinge-2', extension: 'jpg' }, 'hinge-2.jpg'],
    [{ ...NOBODY_KNOWS, inFiles: 'hinge', extension: '' }, 'hinge'],
    [{ ...NOBODY_KNOWS, extension: 'jpg' }, 'file.jpg'],
    [NOBODY_KNOWS, 'file'],
  ])('ends with what it is called: %j', (names, name) => {
    expect(attachmentKey(ID, names)).toBe(`attachments/portal_id=62515/7/m1/141/${name}`);
  });

  it('has a place of its own for ids that cannot be path segments', () => {
    const [one, other] = ['../../threads', 'a/b'].map((fileId) => attachmentPrefix({ ...ID, fileId }));

    expect(one).toMatch(/^attachments\/portal_id=62515\/7\/m1\/sha256-[0-9a-f]{32}\/$/);
    expect(other).toMatch(/^attachments\/portal_id=62515\/7\/m1\/sha256-[0-9a-f]{32}\/$/);
    expect(one).not.toBe(other);
  });

  it('is shorter than S3 allows, whatever it is made of', () => {
    const id = 'x'.repeat(128);
    const longest = { portalId: id, threadId: id, messageId: id, fileId: id };

    const key = attachmentKey(longest, { ...NOBODY_KNOWS, onMessage: '写'.repeat(999) });

    expect(Buffer.byteLength(key)).toBeLessThan(1024);
  });
});
