import { beforeEach, describe, expect, it } from 'vitest';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { partKey } from '../../../functions/archive/layout.ts';
import { encodePart } from '../../../functions/archive/part.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { createHubSpotGet } from '../../../functions/hubspot/http.ts';
import { createSources } from '../../../functions/hubspot/sources.ts';
import { type Comparison, compareWithHubSpot, isComplete } from '../../../local/demo/compare.ts';
import { describeResult, percentile } from '../../../local/demo/report.ts';
import { removeMessage } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { createSimulatedHubSpot } from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { simulatedApi } from '../../support/simulated-api.ts';

let archive: ReturnType<typeof recordingStore>;
let hubspot: ReturnType<typeof createSimulatedHubSpot>;
let key: string;

/** A thread of one day, archived whole through the API. */
beforeEach(async () => {
  archive = recordingStore();
  hubspot = createSimulatedHubSpot({ seed: 58 });
  const history = { entries: 20, days: 0.1, endsAt: Date.UTC(2026, 0, 31, 20), channelId: '1002' as const };
  const threadId = addOldThread(hubspot.world, history);
  await using api = await simulatedApi(hubspot);
  const capture = createCaptureThread({
    conversations: createConversations(createHubSpotGet(api.http), 'v3'),
    apiVersion: 'v3',
    store: archive.store,
    sources: createSources(api.http, { apiVersion: 'v3', files: api.files() }),
    settlingMs: 0,
  });
  const announced = { messageIds: [], occurredAt: Date.now(), firstTry: true };
  await capture({ portalId: '62515', threadId, announced, requestId: 'test' });
  key = partKey({ portalId: '62515', threadId, dt: '2026-01-31' });
});

const compare = () => compareWithHubSpot(archive.store, hubspot.world);
const rewrite = async (
  change: (rows: ReturnType<typeof archive.rows>) => ReturnType<typeof archive.rows>,
) => {
  archive.overwrite(key, await encodePart(change(archive.rows(key))));
};

describe('comparing the archive with HubSpot', () => {
  it('finds every message byte for byte', async () => {
    const comparison = await compare();

    expect(comparison).toMatchObject({
      hubspotMessages: 20,
      archivedMessages: 20,
      missing: [],
      different: [],
      originals: 3,
      withoutOriginal: [],
      files: 3,
      withoutFile: [],
    });
    expect(isComplete(comparison)).toBe(true);
  });

  it.each<
    [string, keyof Comparison, (rows: ReturnType<typeof archive.rows>) => ReturnType<typeof archive.rows>]
  >([
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

    const comparison = await compare();

    expect(comparison[fault]).toEqual([`${first!.thread_id}/${first!.message_id}`]);
    expect(isComplete(comparison)).toBe(false);
  });

  it('names a message on another day than it was created', async () => {
    archive.overwrite(
      key.replace('2026-01-31', '2026-01-30'),
      await encodePart(archive.rows(key).slice(0, 1)),
    );
    await rewrite((rows) => rows.slice(1));

    expect((await compare()).misplaced).toHaveLength(1);
  });

  it('names a message without its whole text', async () => {
    const at = archive.rows(key).findIndex((row) => row.original_rich_text !== null);
    await rewrite((rows) => rows.with(at, { ...rows[at]!, original_rich_text: 'another' }));

    const comparison = await compare();

    expect(comparison.withoutOriginal).toHaveLength(1);
    expect(isComplete(comparison)).toBe(false);
  });

  it('names a message without the bytes of its file', async () => {
    const file = archive.keys().find((each) => each.startsWith('attachments/'))!;
    archive.overwrite(file, Buffer.from('a login page'));

    const comparison = await compare();

    expect(comparison.withoutFile).toHaveLength(1);
    expect(isComplete(comparison)).toBe(false);
  });

  it('is not content with more than HubSpot holds', async () => {
    const [first] = archive.rows(key);
    removeMessage(hubspot.world, first!.thread_id!, first!.message_id);

    expect(isComplete(await compare())).toBe(false);
  });
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

    expect(text).toContain('HubSpot holds      20 messages');
    expect(text).toContain('Complete: every message and every file is in the archive, byte for byte.');
    expect(text).toContain('p50 1.0 s, p95 3.0 s, p99 3.0 s  (over 2 messages)');
    expect(text).toContain('42, 2.10 per archived message, 1 refused for their rate');
    expect(text).toContain('channel  n\n  -------  -\n  chat     5\n');
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
