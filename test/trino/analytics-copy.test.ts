import { stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { askFolder } from '../../cli/query/ask-folder.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { writeFolderDigests } from '../../local/folder-digests.ts';
import { fillIn, SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { changedDaysQuery, COPY_DATABASE_NAME } from '../../queries/analytics-copy.ts';
import { VIEWS } from '../../queries/views.ts';
import { describeAnalyticsCopy } from '../contract/analytics-copy.ts';
import { changingArchive } from '../support/changing-archive.ts';
import { copiedArchive } from '../support/copied-archive.ts';
import { ANSWERS, archiveThreeThreads, DAYS } from '../support/three-threads.ts';
import { comparable, sortedTexts } from './comparable.ts';
import { trinoConnection } from './connection.ts';
import { definitionOf, putView, storedDefinition, viewsOfStack, withDefinition } from './stack-views.ts';
import { createAsk } from './trino.ts';
import { trinoCopyHome } from './trino-copy.ts';

const { root } = trinoConnection();

describe('the analytics copy, on Trino', () => {
  describeAnalyticsCopy(root, trinoCopyHome);

  it('answers every saved query as the archive does, and its views too', async () => {
    const folder = path.join(root, 'asked');
    await archiveThreeThreads(folder);
    const store = await openFolderStore(folder);
    await writeFolderDigests(store);
    await store.close();
    const home = await trinoCopyHome(folder);
    await copiedArchive(folder, home.engine).run();
    const ask = createAsk(home.copySchema);
    const views = viewsOfStack(COPY_DATABASE_NAME);
    for (const view of views) {
      await putView(home.copySchema, withDefinition(view, { schema: home.copySchema }));
    }

    for (const query of SAVED_QUERIES) {
      const { parameters, rows } = ANSWERS[query.name]!;
      const values = Object.entries({ ...DAYS, ...parameters });
      const own = new Map(values.filter(([parameter]) => query.parameters.includes(parameter)));
      const answer = await ask(fillIn(query, own));
      expect([query.name, answer.rows.map(comparable)]).toEqual([query.name, rows.map(comparable)]);
    }
    for (const { name, sql } of VIEWS) {
      const onTrino = await ask(`SELECT * FROM ${name}`);
      const onDuckDb = await askFolder(folder, `SELECT * FROM ${name}`);
      expect([name, sortedTexts(onTrino.rows)]).toEqual([name, sortedTexts(onDuckDb.rows)]);
      await ask(`CREATE VIEW made_${name} AS ${sql}`);
      const made = await storedDefinition(home.copySchema, `made_${name}`);
      const view = views.find((input) => input.Name === name)!;
      expect(definitionOf(view).columns).toEqual(made.columns);
    }
  });

  it('leaves nothing in its files of what was erased, once the run after has ended', async () => {
    const folder = path.join(root, 'erased');
    const archive = await changingArchive(folder);
    await archive.capture('11', { m1: '2026-01-31T10:00:00Z' });
    await archive.capture('12', { m2: '2026-01-31T11:00:00Z' });
    await archive.writeDigest();
    const home = await trinoCopyHome(folder);
    const copy = copiedArchive(folder, home.engine);
    await copy.run();
    const before = await home.files();
    await archive.erase('11');
    await archive.writeDigest();

    await copy.run();

    const after = await home.files();
    expect(before).toHaveLength(1);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    await home.close();
    await archive.close();
  });

  it('opens the digests and the records alone that it names by their paths', async () => {
    const folder = path.join(root, 'pruned');
    const archive = await changingArchive(folder);
    for (const threadId of ['11', '12', '13', '14']) {
      await archive.capture(threadId, { [`m${threadId}`]: '2026-01-31T10:00:00Z' });
      await archive.writeDigest();
    }
    await trinoCopyHome(folder);
    const ask = createAsk('pruned');
    const bytesOf = async (sql: string) => (await ask(sql)).physicalInputBytes;
    const sizeOf = async (...names: string[]) => (await stat(path.join(folder, ...names))).size;

    const digests = await bytesOf(
      changedDaysQuery('local:///pruned/')
        .replace('threadvault_analytics.', 'pruned_copy.')
        .replace(':after', 'digests/000000000002.json')
        .replace(':last', 'digests/000000000003.json'),
    );
    const records = await bytesOf(
      `SELECT count(raw) FROM threads WHERE portal_id = '62515' AND "$path" IN ('local:///pruned/threads/portal_id=62515/12.json')`,
    );

    expect(digests).toBe(await sizeOf('digests', '000000000003.json'));
    expect(records).toBe(await sizeOf('threads', 'portal_id=62515', '12.json'));
    await archive.close();
  });
});
