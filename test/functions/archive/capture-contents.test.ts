import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareWithHubSpot, isComplete } from '../../../local/demo/compare.ts';
import { editMessage, removeMessage } from '../../../local/simulated-hubspot/changes.ts';
import { bytesOf } from '../../../local/simulated-hubspot/files-api.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { contentsSetUp } from '../../support/contents.ts';

let set: Awaited<ReturnType<typeof contentsSetUp>>;
beforeEach(async () => {
  set = await contentsSetUp();
});
afterEach(() => set[Symbol.asyncDispose]());

const CUT = { truncationStatus: 'TRUNCATED' };

describe('a thread whose messages have originals and files', () => {
  it('is archived with all of them, whatever they are', async () => {
    const threadId = addOldThread(set.world, { entries: 300, days: 5, channelId: '1002' });
    set.say(1);
    await set.capture();

    await set.capture({ threadId });

    const comparison = await compareWithHubSpot(set.archive.store, set.world);
    expect(isComplete(comparison)).toBe(true);
    expect(comparison.counts.originals).toBeGreaterThan(10);
    expect(comparison.counts.files).toBeGreaterThan(10);
  });

  it('costs one call more for each original and each file, and no further write', async () => {
    const cut = set.say(1, CUT);
    set.say(1, { attachments: [set.file('141'), set.file('142')] });
    set.say(2);

    const outcome = await set.capture();

    const contents = [`original ${cut}`, 'file 141', 'download 141', 'file 142', 'download 142'];
    expect(set.takeCalls().sort()).toEqual(['list', 'list', ...contents].sort());
    const written = set.archive.takeWrites().map((key) => key.split('/')[0]);
    // The record twice: before the first part of new days, and when all is done.
    expect(written.sort()).toEqual([
      'attachments',
      'attachments',
      'messages',
      'messages',
      'threads',
      'threads',
    ]);
    expect(outcome).toMatchObject({ status: 'archived', partsWritten: 2 });
    expect(outcome.enriched).toEqual({ originals: 1, files: 2, bytes: 1_000, gaps: 0, missingScopes: 0 });
  });

  it('says in the row where the bytes are, and what they are', async () => {
    const message = set.say(1, { attachments: [set.file('141')] });

    await set.capture();

    const bytes = bytesOf(set.world.files.get('141')!);
    const key = `attachments/portal_id=62515/${set.threadId}/${message}/141/photo.jpg`;
    expect(set.row(message).attachments).toMatchObject([
      {
        file_id: '141',
        archive_key: key,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        bytes: 500,
      },
    ]);
    const written = set.archive.writes.find((write) => write.key === key);
    expect(written).toMatchObject({
      contentType: 'image/jpeg',
      condition: { absent: true },
      metadata: { 'request-id': 'request', 'fetch-started-at': '2026-02-02 12:00:01.000' },
    });
    expect(written?.body).toEqual(Buffer.from(bytes));
    expect(set.api.temporaryFiles()).toEqual([]);
  });

  it('is never asked for them again', async () => {
    set.say(1, { ...CUT, attachments: [set.file('141')] });
    await set.capture();
    set.takeCalls();
    set.archive.takeWrites();

    const { enriched } = await set.capture();

    expect(set.takeCalls()).toEqual(['list', 'list']);
    expect(set.archive.takeWrites()).toEqual([`threads/portal_id=62515/${set.threadId}.json`]);
    expect(enriched).toBeUndefined();
  });

  it('without any costs nothing more', async () => {
    set.say(1);
    set.say(2, { attachments: [{ type: 'LOCATION', latitude: 1, longitude: 2 }] });

    const { enriched } = await set.capture();

    expect(set.takeCalls()).toEqual(['list', 'list']);
    expect(enriched).toBeUndefined();
    expect(set.record().gaps).toEqual([]);
  });

  it('keeps one file that is attached twice once, for both', async () => {
    const twice = [set.file('141'), { ...set.file('141'), name: 'again.jpg' }];
    const message = set.say(1, { attachments: twice });

    await set.capture();

    expect(set.takeCalls().filter((call) => call === 'download 141')).toHaveLength(1);
    const keys = set.row(message).attachments.map((each) => each.archive_key);
    expect(new Set(keys).size).toBe(1);
  });

  it('keeps the file behind the header of a message, whose id is beyond what a double holds', async () => {
    const fileId = 9_007_199_254_740_993n;
    set.file(String(fileId));
    const message = set.say(1, { attachments: [{ type: 'MESSAGE_HEADER', fileId, text: 'Your parcel' }] });

    await set.capture();

    expect(set.row(message).attachments[0]).toMatchObject({ file_id: '9007199254740993', bytes: 500 });
  });
});

describe('a message that changes', () => {
  const edit = (messageId: string, changes: Parameters<typeof editMessage>[3]) =>
    editMessage(set.world, set.threadId, messageId, changes);

  it('keeps its original and its file while its text is the same', async () => {
    const message = set.say(1, { ...CUT, attachments: [set.file('141')] });
    await set.capture();
    const before = set.row(message);
    edit(message, { status: { statusType: 'READ' } });
    set.takeCalls();

    await set.capture();

    const { original_text, attachments, status_type } = set.row(message);
    expect({ original_text, attachments }).toEqual({
      original_text: before.original_text,
      attachments: before.attachments,
    });
    expect(original_text).not.toBeNull();
    expect(status_type).toBe('READ');
    expect(set.takeCalls()).toEqual(['list', 'list']);
  });

  it('gets the original of its new text', async () => {
    const message = set.say(1, { ...CUT, attachments: [set.file('141')] });
    await set.capture();
    edit(message, { text: 'another text' });
    set.takeCalls();

    await set.capture();

    expect(set.takeCalls()).toEqual(['list', 'list', `original ${message}`]);
    expect(set.row(message).original_text).toBe('another text');
  });

  it('has none any more when it is listed whole', async () => {
    const message = set.say(1, CUT);
    await set.capture();
    edit(message, { truncationStatus: 'NOT_TRUNCATED' });

    await set.capture();

    expect(set.row(message).original_text).toBeNull();
  });

  it('gets the file that was added, and keeps the one that was there', async () => {
    const message = set.say(1, { attachments: [set.file('141')] });
    await set.capture();
    edit(message, { attachments: [set.file('142'), set.file('141')] });
    set.takeCalls();

    await set.capture();

    expect(set.takeCalls()).toEqual(['list', 'list', 'file 142', 'download 142']);
    expect(set.row(message).attachments.map((each) => [each.file_id, each.bytes])).toEqual([
      ['142', 500],
      ['141', 500],
    ]);
  });

  it('keeps both when HubSpot no longer returns it', async () => {
    const message = set.say(1, { ...CUT, attachments: [set.file('141')] });
    set.say(1);
    await set.capture();
    const before = set.row(message);
    removeMessage(set.world, set.threadId, message);
    set.takeCalls();

    await set.capture();

    expect(set.row(message)).toEqual({ ...before, removed_at: '2026-02-02 12:00:02.000' });
    expect(set.takeCalls()).toEqual(['list', 'list']);
  });
});

describe('when files are not to be archived', () => {
  it('none is fetched and none is missed, until they are', async () => {
    const message = set.say(1, { ...CUT, attachments: [set.file('141')] });
    set.state.archivesFiles = false;

    await set.capture();

    expect(set.takeCalls()).toEqual(['list', 'list', `original ${message}`]);
    expect(set.record().gaps).toEqual([]);

    set.state.archivesFiles = true;
    await set.capture();

    expect(set.row(message).attachments[0]?.bytes).toBe(500);
  });
});

describe('an original', () => {
  it('of which HubSpot says nothing is known to have been asked for', async () => {
    const message = set.say(1, { ...CUT, text: undefined });

    await set.capture();
    await set.capture();

    expect(set.takeCalls().filter((call) => call.startsWith('original'))).toHaveLength(1);
    expect(set.row(message)).toMatchObject({ original_text: '', original_rich_text: null });
  });
});
