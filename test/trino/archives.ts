import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createCaptureThread } from '../../functions/archive/capture.ts';
import { TABLES } from '../../functions/archive/tables.ts';
import { recordHoldAct } from '../../functions/holds/hold-record.ts';
import { type FetchedMessage } from '../../functions/hubspot/conversations.ts';
import { parseJson } from '../../functions/json.ts';
import { runDemo } from '../../local/demo/run.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { fakeConversations } from '../support/conversation.ts';
import { archiveOneThread, eraseAnother } from '../support/one-thread.ts';
import { archiveThreeThreads } from '../support/three-threads.ts';

/** An archive that Trino has tables over. */
export type Archive = {
  /** The schema of its tables, and its folder below Trino's root. */
  name: string;
  portals: readonly string[];
  /** The first UTC day that the tables have. */
  firstDay: string;
};

/** The first day that the tables have unless an operator says otherwise, as in cdk/config.ts. */
const FIRST_DAY = '2010-01-01';

/** Three threads, with answers worked out by hand: test/support/three-threads.ts. */
export const THREE_THREADS: Archive = { name: 'three_threads', portals: ['62515'], firstDay: FIRST_DAY };
/** One thread and the erasure of another, with something for each question of the data dictionary. */
export const ONE_THREAD: Archive = { name: 'one_thread', portals: ['62515'], firstDay: FIRST_DAY };
/** What `npm start` archives, and {@link AWKWARD_THREAD} in an account of its own. */
export const DEMO: Archive = { name: 'demo', portals: ['62515', '77'], firstDay: FIRST_DAY };
/** All of them. */
export const ARCHIVES = [THREE_THREADS, ONE_THREAD, DEMO];

/** Where the one awkward thread of {@link DEMO} is. */
export const AWKWARD_THREAD = { portalId: '77', threadId: '6065362089' };
/** Its messages as HubSpot sends them, with what an engine may trip over. */
export const AWKWARD_MESSAGES = [
  String.raw`{"id": "m1", "type": "MESSAGE", "createdAt": "2026-03-01T23:59:59.999Z", "seq": 9007199254740993,
    "text": "Zoë 👩‍👩‍👧 שלום \"quoted\" C:\\temp\nnext\ttab , {\"a\": [1]}", "richText": "", "archived": true,
    "senders": [{"actorId": "V-1", "name": "Ana \"A\" Ó", "deliveryIdentifier": {"type": "HS_EMAIL_ADDRESS", "value": "a@example.com"}}, {}],
    "attachments": [{"type": "FILE", "fileId": 90071992547409931, "name": "Übersicht.pdf"}]}`,
  String.raw`{"id": "m2", "type": "A_TYPE_OF_TOMORROW", "createdAt": "2026-03-02T00:00:00.001Z", "unknown": {"deep": [null, 1.50]}}`,
].map(asFetched);

/** Writes the archives below a folder, by the product's own code. Takes half a minute and more. */
export async function writeArchives(root: string): Promise<void> {
  await archiveThreeThreads(path.join(root, THREE_THREADS.name));
  await archiveOneThread(path.join(root, ONE_THREAD.name));
  await eraseAnother(path.join(root, ONE_THREAD.name));
  const folder = path.join(root, DEMO.name);
  await runDemo({ threads: 200, seconds: 5, seed: 1, port: 0, folder });
  const store = await openFolderStore(folder);
  const { conversations, state } = fakeConversations(AWKWARD_MESSAGES);
  state.thread = { id: AWKWARD_THREAD.threadId, archived: false };
  const captureThread = createCaptureThread({
    conversations,
    apiVersion: 'v3',
    store,
    sources: {
      getOriginal: () => Promise.reject(new Error('nothing is listed cut')),
      files: undefined,
    },
    settlingMs: 0,
  });
  const announced = { messageIds: [], occurredAt: 0, firstTry: true };
  await captureThread({ ...AWKWARD_THREAD, announced, requestId: 'r' });
  const act = { act: 'add', caseName: 'audit', by: 'ann', reason: 'why', requestId: 'r' } as const;
  await recordHoldAct(store, AWKWARD_THREAD, { ...act, at: Date.UTC(2026, 2, 3) });
  await store.close();
  // A bucket has no folders, so that Athena's tables may be over nothing. Here Trino wants to see one.
  for (const { name } of ARCHIVES) {
    for (const { prefix } of Object.values(TABLES))
      await mkdir(path.join(root, name, prefix), { recursive: true });
  }
}

function asFetched(raw: string): FetchedMessage {
  const fields = parseJson(raw) as Record<string, unknown>;
  return { id: String(fields['id']), createdAt: String(fields['createdAt']), raw, fields };
}
