import { stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { changedDaysQuery } from '../../queries/analytics-copy.ts';
import { describeAnalyticsCopy } from '../contract/analytics-copy.ts';
import { changingArchive } from '../support/changing-archive.ts';
import { copiedArchive } from '../support/copied-archive.ts';
import { trinoConnection } from './connection.ts';
import { createAsk } from './trino.ts';
import { trinoCopyHome } from './trino-copy.ts';

const { root } = trinoConnection();

describe('the analytics copy, on Trino', () => {
  describeAnalyticsCopy(root, trinoCopyHome);

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
