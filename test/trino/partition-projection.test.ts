import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../functions/archive/tables.ts';
import { DEMO, THREE_THREADS } from './archives.ts';
import { trinoConnection } from './connection.ts';
import { trinoTable } from './tables.ts';
import { createAsk } from './trino.ts';

const ask = createAsk(DEMO.name);
const days = path.join(trinoConnection().root, DEMO.name, 'messages/portal_id=62515');

/** Bytes of all parts of a day. */
async function bytesOf(day: string): Promise<number> {
  const files = (await readdir(path.join(days, day))).filter((name) => name.endsWith('.json.gz'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(days, day, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('a query that names a day', () => {
  it.each(['dt = :day', 'dt BETWEEN :day AND :day'])(
    'reads the files of that day alone: %s',
    async (where) => {
      const [day = ''] = (await readdir(days)).sort();
      const ofDay = where.replaceAll(':day', `'${day.replace('dt=', '')}'`);

      const { rows, physicalInputBytes } = await ask(
        `SELECT count(raw) FROM messages WHERE portal_id = '62515' AND ${ofDay}`,
      );
      const ofAll = await ask(`SELECT count(raw) FROM messages WHERE portal_id = '62515'`);

      expect(rows[0]![0]).toBeGreaterThan(0);
      expect(physicalInputBytes).toBe(await bytesOf(day));
      expect(ofAll.physicalInputBytes).toBeGreaterThan(physicalInputBytes);
    },
  );

  it('has no rows, and reads nothing, where the day has no folder or the account is none of the tables', async () => {
    for (const where of ["portal_id = '62515' AND dt = '2011-01-01'", "portal_id = '1'"]) {
      const { rows, physicalInputBytes } = await ask(`SELECT count(raw) FROM messages WHERE ${where}`);

      expect([where, rows, physicalInputBytes]).toEqual([where, [[0]], 0]);
    }
  });
});

describe('a table that begins on a later day', () => {
  const archive = { ...THREE_THREADS, firstDay: '2026-02-01' };
  const askLater = createAsk(THREE_THREADS.name);

  beforeAll(async () => {
    const ddl = trinoTable('messages', TABLES['messages'], archive);
    await askLater(
      ddl.replace(`${THREE_THREADS.name}.messages`, `${THREE_THREADS.name}.messages_from_february`),
    );
  });

  it('does not have the messages of the days before', async () => {
    const { rows } = await askLater(
      'SELECT dt, count(*) FROM messages_from_february GROUP BY dt ORDER BY dt',
    );

    expect(rows).toEqual([['2026-02-01', 5]]);
    expect((await askLater('SELECT count(*) FROM messages')).rows).toEqual([[7]]);
  });
});
