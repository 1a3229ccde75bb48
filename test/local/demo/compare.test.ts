import { beforeEach, describe, expect, it } from 'vitest';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import {
  attachmentsPrefix,
  erasureKey,
  partKey,
  threadRecordKey,
} from '../../../functions/archive/layout.ts';
import { encodePart } from '../../../functions/archive/part.ts';
import { createEraseThread } from '../../../functions/erase/erase-thread.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { createHubSpotGet } from '../../../functions/hubspot/http.ts';
import { createSources } from '../../../functions/hubspot/sources.ts';
import { type Fault, compareWithHubSpot, isComplete } from '../../../local/demo/compare.ts';
import { describeResult, percentile } from '../../../local/demo/report.ts';
import {
  addEntry,
  archiveThread,
  changeThread,
  editMessage,
  purgeThread,
  removeMessage,
  restoreThread,
} from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { createSimulatedHubSpot } from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { simulatedApi } from '../../support/simulated-api.ts';

type Rows = ReturnType<ReturnType<typeof recordingStore>['rows']>;

let archive: ReturnType<typeof recordingStore>;
let hubspot: ReturnType<typeof createSimulatedHubSpot>;
let threadId: string;
let key: string;

/** A thread of one day, archived whole through the API. */
beforeEach(async () => {
  archive = recordingStore();
  hubspot = createSimulatedHubSpot({ seed: 58, late: { share: 0, maxMs: 0 } });
  const history = { entries: 20, days: 0.1, endsAt: Date.UTC(2026, 0, 31, 20), channelId: '1002' as const };
  threadId = addOldThread(hubspot.world, history);
  await capture();
  key = partKey({ portalId: '62515', threadId, dt: '2026-01-31' });
});

async function capture(): Promise<void> {
  await using api = await simulatedApi(hubspot);
  const captureThread = createCaptureThread({
    conversations: createConversations(createHubSpotGet(api.http), 'v3'),
    apiVersion: 'v3',
    store: archive.store,
    sources: createSources(api.http, { apiVersion: 'v3', files: api.files() }),
    settlingMs: 0,
  });
  const announced = { messageIds: [], occurredAt: Date.now(), firstTry: false };
  await captureThread({ portalId: '62515', threadId, announced, requestId: 'test' });
}

/** What the product does about a purged thread, with the last visit an hour later. */
async function erase(): Promise<void> {
  const event = 'conversation.privacyDeletion';
  for (const later of [0, 3_600_000]) {
    const now = () => Date.now() + later;
    const eraseThread = createEraseThread({
      store: archive.store,
      eraser: archive.eraser,
      policy: 'erase',
      now,
    });
    await eraseThread({ portalId: '62515', threadId, event, requestedAt: Date.now(), requestId: 'test' });
  }
}

const compare = () => compareWithHubSpot(archive.store, hubspot.world);
const faultsOf = async () => {
  const { faults } = await compare();
  return Object.fromEntries(Object.entries(faults).filter(([, ids]) => ids.length > 0));
};
const rewrite = async (change: (rows: Rows) => Rows) => {
  archive.overwrite(key, await encodePart(change(archive.rows(key))));
};
const rewriteRecord = (change: object) => {
  const record = threadRecordKey({ portalId: '62515', threadId });
  archive.overwrite(record, Buffer.from(`${JSON.stringify({ ...archive.record(record), ...change })}\n`));
};
const anyMessage = () => archive.rows(key).find(({ type }) => type === 'MESSAGE')!.message_id;

describe('comparing the archive with HubSpot', () => {
  it('finds every message byte for byte', async () => {
    const comparison = await compare();

    expect(comparison).toMatchObject({
      counts: {
        messages: 20,
        edited: 0,
        removed: 0,
        originals: 3,
        files: 3,
        threads: 1,
        trashed: 0,
        erased: 0,
      },
      archivedMessages: 20,
    });
    expect(await faultsOf()).toEqual({});
    expect(isComplete(comparison)).toBe(true);
  });

  it.each<[string, Fault, (rows: Rows) => Rows]>([
    ['a message that is not there', 'missing', (rows) => rows.slice(1)],
    ['a message marked as removed', 'missing', ([row, ...rows]) => [{ ...row!, removed_at: 'now' }, ...rows]],
    [
      'a message changed by one character',
      'different',
      ([row, ...rows]) => [{ ...row!, raw: `${row!.raw} ` }, ...rows],
    ],
    ['a message that is there twice', 'misplaced', (rows) => [rows[0]!, ...rows]],
  ])('names %s', async (_, fault, change) => {
    const [first] = archive.rows(key);
    await rewrite(change);

    expect(await faultsOf()).toEqual({ [fault]: [`${threadId}/${first!.message_id}`] });
    expect(isComplete(await compare())).toBe(false);
  });

  it('names a message that HubSpot does not hold', async () => {
    await rewrite(([row, ...rows]) => [row!, { ...row!, message_id: 'unknown' }, ...rows]);

    expect(await faultsOf()).toEqual({ superfluous: [`${threadId}/unknown`] });
  });

  it('names a message on another day than it was created', async () => {
    archive.overwrite(
      key.replace('2026-01-31', '2026-01-30'),
      await encodePart(archive.rows(key).slice(0, 1)),
    );
    await rewrite((rows) => rows.slice(1));

    expect((await compare()).faults.misplaced).toHaveLength(1);
  });

  it('names a message without its whole text', async () => {
    const at = archive.rows(key).findIndex((row) => row.original_rich_text !== null);
    await rewrite((rows) => rows.with(at, { ...rows[at]!, original_rich_text: 'another' }));

    const comparison = await compare();

    expect(comparison.faults.withoutOriginal).toHaveLength(1);
    expect(isComplete(comparison)).toBe(false);
  });

  it('names a message without the bytes of its file', async () => {
    const file = archive.keys().find((each) => each.startsWith('attachments/'))!;
    archive.overwrite(file, Buffer.from('a login page'));

    const comparison = await compare();

    expect(comparison.faults.withoutFile).toHaveLength(1);
    expect(isComplete(comparison)).toBe(false);
  });

  it.each(['sha256', 'bytes'] as const)(
    'names a message whose row has another %s of its file',
    async (column) => {
      const at = archive
        .rows(key)
        .findIndex((row) => row.attachments.some((each) => each.archive_key !== null));
      await rewrite((rows) => {
        const attachments = rows[at]!.attachments.map((each) => ({ ...each, [column]: null }));
        return rows.with(at, { ...rows[at]!, attachments });
      });

      expect(Object.keys(await faultsOf())).toEqual(['withoutFile']);
    },
  );
});

describe('comparing edits and removals', () => {
  it('names an edit that the archive does not have, and counts it once it has', async () => {
    const messageId = anyMessage();
    editMessage(hubspot.world, threadId, messageId, { text: 'Never mind.' });

    expect(await faultsOf()).toEqual({ unedited: [`${threadId}/${messageId}`] });

    await capture();
    expect((await compare()).counts).toMatchObject({ edited: 1, editedUnannounced: 1 });
    expect(await faultsOf()).toEqual({});
  });

  it('tells edits that an event follows from those that none does', async () => {
    editMessage(hubspot.world, threadId, anyMessage(), { text: 'Never mind.' });
    await new Promise((resolve) => setTimeout(resolve, 2));
    addEntry(hubspot.world, threadId, { type: 'COMMENT', text: 'Done.' });

    expect((await compare()).counts).toMatchObject({ edited: 1, editedUnannounced: 0 });
  });

  it('names a removed message that is not marked, and one that is not kept', async () => {
    const messageId = anyMessage();
    removeMessage(hubspot.world, threadId, messageId);
    const named = { forgotten: [`${threadId}/${messageId}`] };
    const counts = { messages: 19, removed: 1 };

    expect(await faultsOf()).toEqual(named);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await capture();
    expect(await compare()).toMatchObject({ counts, archivedMessages: 19 });
    expect(await faultsOf()).toEqual({});
    await rewrite((rows) => rows.filter((row) => row.message_id !== messageId));
    expect(await faultsOf()).toEqual(named);
  });
});

describe('comparing threads', () => {
  it('names a thread without a record', async () => {
    const record = threadRecordKey({ portalId: '62515', threadId });
    await archive.eraser.eraseVersions(archive.versions.filter((version) => version.key === record));

    expect(await faultsOf()).toEqual({ withoutRecord: [threadId] });
  });

  it.each([
    ['status', { status: 'other' }],
    ['assignee', { assigned_to: 'A-1' }],
    ['inbox', { inbox_id: '1' }],
    ['ticket', { associated_ticket_id: '1' }],
  ])('names a thread with another %s', async (_, change) => {
    rewriteRecord(change);

    expect(await faultsOf()).toEqual({ outdated: [threadId] });
  });

  it('names a thread whose new assignee the archive does not have', async () => {
    changeThread(hubspot.world, threadId, { assignedTo: 'A-5220999' });

    expect(await faultsOf()).toEqual({ outdated: [threadId] });
  });

  it('names a thread in the trash that is not marked, and a restored one that still is', async () => {
    archiveThread(hubspot.world, threadId);
    expect(await faultsOf()).toEqual({ wronglyPlaced: [threadId] });
    await capture();
    expect([(await compare()).counts, await faultsOf()]).toMatchObject([{ trashed: 1, restored: 0 }, {}]);

    restoreThread(hubspot.world, threadId);
    expect(await faultsOf()).toEqual({ wronglyPlaced: [threadId] });
    await capture();
    expect([(await compare()).counts, await faultsOf()]).toMatchObject([{ trashed: 0, restored: 1 }, {}]);
  });
});

describe('comparing what was purged', () => {
  it('finds nothing of it and a tombstone in its place', async () => {
    purgeThread(hubspot.world, threadId);
    expect(await faultsOf()).toEqual({ notErased: [threadId], leftOver: [threadId] });

    await erase();

    expect(await compare()).toMatchObject({ counts: { messages: 0, erased: 1 }, archivedMessages: 0 });
    expect(await faultsOf()).toEqual({});
  });

  it.each<[string, () => [string, Buffer]]>([
    ['a part', () => [key, Buffer.from('anything')]],
    ['a file', () => [`${attachmentsPrefix({ portalId: '62515', threadId })}m/1/x.png`, Buffer.from('x')]],
    ['the id of a message in the record of the erasure', () => tainted(erasureKey, { event: anyId() })],
    ['the contact in the tombstone', () => tainted(threadRecordKey, { associated_contact_id: contact() })],
  ])('names what is left: %s', async (_, leftOver) => {
    purgeThread(hubspot.world, threadId);
    await erase();
    archive.overwrite(...leftOver());

    expect(await faultsOf()).toEqual({ leftOver: [threadId] });
  });

  it.each([
    ['that is not over', erasureKey, { finished_at: null }],
    [
      'of which the thread record does not say that it is over',
      threadRecordKey,
      { erasure_outcome: 'erasing' },
    ],
    ['that left no tombstone', threadRecordKey, { erased_at: null }],
  ])('names an erasure %s', async (_, keyOf, change) => {
    purgeThread(hubspot.world, threadId);
    await erase();
    archive.overwrite(...tainted(keyOf, change));

    expect(await faultsOf()).toEqual({ notErased: [threadId] });
  });

  const purged = () => hubspot.world.purged.get(threadId)!;
  const anyId = () => [...purged().entries.keys()][0];
  const contact = () => purged().profile.associatedContactId;
  const tainted = (keyOf: typeof erasureKey, change: object): [string, Buffer] => {
    const target = keyOf({ portalId: '62515', threadId });
    return [target, Buffer.from(`${JSON.stringify({ ...archive.record(target), ...change })}\n`)];
  };
});

describe('the report', () => {
  const result = { latenciesMs: [1_000, 3_000], calls: 42, rateLimited: 1, folder: 'archive' };
  const answer = {
    sql: 'SELECT 1',
    table: [
      ['channel', 'n'],
      ['chat', '5'],
    ],
  };

  it('says that everything is there, and what it took', async () => {
    const text = describeResult({ ...result, comparison: await compare(), answer });

    expect(text).toContain('HubSpot holds      20 messages in 1 threads');
    expect(text).toContain('\ncompared           0 messages that were edited, after their last edit\n');
    expect(text).toContain(' 3 that HubSpot lists cut, with their whole text\n');
    expect(text).toContain('Complete: everything that HubSpot holds is in the archive, byte for byte');
    expect(text).toContain('p50 1.0 s, p95 3.0 s, p99 3.0 s  (over 2 messages)');
    expect(text).toContain('42, 2.10 per archived message, 1 refused for their rate');
    expect(text).toContain('channel  n\n  -------  -\n  chat     5\n');
  });

  it('tells of edits that nothing announced', async () => {
    editMessage(hubspot.world, threadId, anyMessage(), { text: 'Never mind.' });

    const text = describeResult({ ...result, comparison: await compare(), answer });

    expect(text).toContain('1 messages that were edited, after their last edit; 1 with no event since\n');
    expect(text).toContain(`\nwithout their last edit: 1, ${threadId}/${anyMessage()}\n`);
  });

  it('names what is missing', async () => {
    await rewrite((rows) => rows.slice(7));

    const text = describeResult({ ...result, comparison: await compare(), answer });

    expect(text).toContain('NOT complete.');
    expect(text).toMatch(/missing: 7, \d+\/\w+, .*, …/);
  });
});

describe('a percentile', () => {
  it.each([
    [[], 0.5, 0],
    [[5], 0.99, 5],
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.95, 4],
  ])('of %j at %f is %i', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});
