import { describe, expect, it } from 'vitest';
import { forEachThread, type ThreadChoice } from '../../cli/thread-choice.ts';
import { threadRecordKey } from '../../functions/archive/layout.ts';
import { CorruptArchiveError } from '../../functions/errors.ts';
import { recordingStore } from '../support/recording-store.ts';

const PORTAL = '62515';
const day = (n: number) => `2026-02-0${n} 12:00:00.000`;
const at = (n: number) => Date.UTC(2026, 1, n, 12);

/** Three threads: 1 of days 1 to 3 and contact 7, 2 of days 4 to 5 and contact 8, 3 without a message. */
function archiveOfThree() {
  const { store, eraser, overwrite } = recordingStore();
  const record = (threadId: string, contact: string, first: string | null, last: string | null) => {
    const fields = {
      thread_id: threadId,
      associated_contact_id: contact,
      first_message_at: first,
      last_message_at: last,
    };
    const ledger = {
      fetch_started_at: day(6),
      fetched_by: 'r',
      parts: [],
      unseen_message_ids: [],
      deleted_at: null,
      erased_at: null,
    };
    const body = Buffer.from(JSON.stringify({ ...fields, ...ledger }));
    overwrite(threadRecordKey({ portalId: PORTAL, threadId }), body);
  };
  record('1', '7', day(1), day(3));
  record('2', '8', day(4), day(5));
  record('3', '7', null, null);
  return { reader: { ...store, ...eraser }, overwrite };
}

async function choose(choice: ThreadChoice, { reader } = archiveOfThree()): Promise<string[]> {
  const chosen: string[] = [];
  await forEachThread(reader, choice, ({ id, known }) => {
    chosen.push(known === undefined ? `${id.threadId}?` : id.threadId);
    return Promise.resolve();
  });
  return chosen.sort();
}

describe('the threads that a command is about', () => {
  it.each<[string, ThreadChoice, string[]]>([
    ['are all when nothing is said', {}, ['1', '2', '3']],
    ['are those of a contact', { contact: '7' }, ['1', '3']],
    ['are those with a message since then', { since: at(3) }, ['1', '2']],
    ['are those with a message since then, and no older ones', { since: at(3) + 1 }, ['2']],
    ['are those with a message before then', { until: at(4) }, ['1']],
    ['are those with a message before then, that instant excluded', { until: at(4) + 1 }, ['1', '2']],
    ['are those of a contact in a span of time', { contact: '7', since: at(1), until: at(9) }, ['1']],
    ['are those that are named', { threads: [{ portalId: PORTAL, threadId: '2' }] }, ['2']],
    ['may be named without being archived', { threads: [{ portalId: PORTAL, threadId: '9' }] }, ['9?']],
    [
      'are none when one is named that is of another contact',
      { threads: [{ portalId: PORTAL, threadId: '2' }], contact: '7' },
      [],
    ],
  ])('%s', async (_, choice, expected) => {
    expect(await choose(choice)).toEqual(expected);
  });

  it('are not guessed when a record cannot be read', async () => {
    const archive = archiveOfThree();
    archive.overwrite(threadRecordKey({ portalId: PORTAL, threadId: '2' }), Buffer.from('{'));

    await expect(choose({}, archive)).rejects.toThrow(CorruptArchiveError);
  });

  it('are the others, when something is done about a record that cannot be read', async () => {
    const archive = archiveOfThree();
    archive.overwrite(threadRecordKey({ portalId: PORTAL, threadId: '2' }), Buffer.from('{'));
    const [chosen, corrupt]: [string[], string[]] = [[], []];

    const choose = ({ id }: { id: { threadId: string } }) => Promise.resolve(void chosen.push(id.threadId));
    await forEachThread(archive.reader, {}, choose, (id) => corrupt.push(id.threadId));

    expect(chosen.sort()).toEqual(['1', '3']);
    expect(corrupt).toEqual(['2']);
  });
});
