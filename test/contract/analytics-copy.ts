import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TABLES } from '../../functions/archive/tables.ts';
import { COPIED_TABLES, type CopiedTable } from '../../queries/analytics-copy.ts';
import { AUTHORS, changingArchive } from '../support/changing-archive.ts';
import { copiedArchive, type CopyEngine } from '../support/copied-archive.ts';
import { TaskError } from '../support/state-machine.ts';

const IDS: Readonly<Record<CopiedTable, string>> = {
  messages: 'message_id',
  threads: 'thread_id',
  actors: 'actor_id',
};

/** What stands for Athena over one archive, and for its end. */
export type CopyHome = { engine: CopyEngine; close: () => Promise<void> };

/**
 * What the analytics copy is held to, whatever engine runs its statements. Each test has an archive of its own in a folder
 * below `root`, and the engine that `open` gives for it.
 */
export function describeAnalyticsCopy(root: string, open: (folder: string) => Promise<CopyHome>): void {
  let folder: string;
  let archive: Awaited<ReturnType<typeof changingArchive>>;
  let home: CopyHome;
  let copy: ReturnType<typeof copiedArchive>;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(root, 'threadvault-copy-'));
    archive = await changingArchive(folder);
    await archive.capture('11', { m1: '2026-01-31T10:00:00Z', m2: '2026-02-01T00:00:00Z' });
    await archive.capture('12', { m3: '2026-01-31T11:00:00Z' });
    await archive.writeDigest();
    home = await open(folder);
    copy = copiedArchive(folder, home.engine);
  });
  afterEach(async () => {
    await home.close();
    await archive.close();
    await rm(folder, { recursive: true });
  });

  describe('a run', () => {
    it('makes the tables and fills them with all that the archive has', async () => {
      const states = await copy.run();

      expect(states).toEqual([
        ...'FindTables IsATableOutdated AreThereTables CreateMessages CreateThreads CreateActors BeginAnew'.split(
          ' ',
        ),
        ...'ListDigests AreThereDigests FindDays ReadDays AreThereDays MergeDays AreThereMoreDays'.split(' '),
        ...'FindThreads ReadThreads AreThereThreads AreThereManyThreads MergeThreads'.split(' '),
        ...'AreThereMoreThreads FindActors ReadActors AreThereActors AreThereManyActors'.split(' '),
        ...'MergeActors AreThereMoreActors SaveProgress AreThereMoreDigests'.split(' '),
        ...'OptimizeMessages OptimizeThreads OptimizeActors'.split(' '),
        ...'VacuumMessages VacuumThreads VacuumActors Done'.split(' '),
      ]);
      expect(copy.state.progress).toBe('digests/000000000000.json');
      expect(await rowsOf('messages', 'message_id, dt')).toEqual([
        ['m1', '2026-01-31'],
        ['m2', '2026-02-01'],
        ['m3', '2026-01-31'],
      ]);
      await expectTheSame();
    });

    it('only looks for digests when there is none that is new', async () => {
      await copy.run();
      copy.state.statements = [];

      const states = await copy.run();

      expect(states).toEqual([
        ...'FindTables IsATableOutdated AreThereTables ReadProgress ListDigests AreThereDigests'.split(' '),
        ...'VacuumMessages VacuumThreads VacuumActors Done'.split(' '),
      ]);
      expect(copy.state.statements).toEqual([
        'VACUUM threadvault_analytics.messages',
        'VACUUM threadvault_analytics.threads',
        'VACUUM threadvault_analytics.actors',
      ]);
    });

    it('reads the days and the threads that the new digests name, and no others', async () => {
      await copy.run();
      copy.state.statements = [];
      await archive.capture('12', { m3: '2026-01-31T11:00:00Z', m4: '2026-02-03T11:00:00Z' });
      await archive.writeDigest();

      await copy.run();

      const merges = copy.state.statements.filter((statement) => statement.startsWith('MERGE'));
      expect(merges.map((merge) => merge.match(/'\d{4}-\d\d-\d\d'|s3:[^']*/g))).toEqual([
        Array.from({ length: 3 }, () => "'2026-02-03'"),
        [
          's3://archive/threads/portal_id=62515/12.json',
          's3://archive/threads/portal_id=',
          's3://archive/threads/portal_id=62515/12.json',
        ],
      ]);
      await expectTheSame();
    });

    it('follows a message that comes late, one that was edited, and one that was taken back', async () => {
      await copy.run();
      await archive.capture('11', { m1: '2026-01-31T10:00:00Z edited', m0: '2026-01-02T10:00:00Z' });
      await archive.writeDigest();

      await copy.run();

      expect(await rowsOf('messages', 'message_id, text, removed_at IS NULL')).toEqual([
        ['m0', 'text of m0', 'true'],
        ['m1', 'edited', 'true'],
        ['m2', 'text of m2', 'false'],
        ['m3', 'text of m3', 'true'],
      ]);
      await expectTheSame();
    });

    it('takes out what was erased', async () => {
      await copy.run();
      await archive.erase('11');
      await archive.writeDigest();

      await copy.run();

      expect(await rowsOf('messages', 'message_id')).toEqual([['m3']]);
      expect(await rowsOf('threads', 'thread_id, raw IS NULL, status IS NULL')).toEqual([
        ['11', 'true', 'true'],
        ['12', 'false', 'false'],
      ]);
      await expectTheSame();
    });

    it('takes out an actor who was erased, also one whose id is not in the key', async () => {
      await copy.run();
      expect(await rowsOf('actors', 'actor_id')).toEqual([[AUTHORS[0]], [AUTHORS[1]]]);
      await archive.eraseActor(AUTHORS[1]);
      await archive.writeDigest();

      await copy.run();

      expect(await rowsOf('actors', 'actor_id')).toEqual([[AUTHORS[0]]]);
      await expectTheSame();
    });

    it('does not take the erasure of one thread for that of another of the same day', async () => {
      await archive.erase('12');
      await archive.writeDigest();

      await copy.run();

      expect(await rowsOf('messages', 'message_id')).toEqual([['m1'], ['m2']]);
      await expectTheSame();
    });

    it('changes no row when it is made to run over everything again', async () => {
      await copy.run();
      copy.state.progress = undefined;
      copy.state.calls = [];

      expect(await changedRows(() => copy.run())).toEqual(['0', '0', '0']);
      // What is not there is not asked for again and again.
      expect(copy.state.calls.filter((api) => api === 'aws-sdk:s3:getObject')).toHaveLength(1);
    });

    it('fills a table again that somebody has dropped', async () => {
      await copy.run();
      await home.engine.run('DROP TABLE threadvault_analytics.threads');

      await copy.run();

      expect(await rowsOf('threads', 'thread_id')).toEqual([['11'], ['12']]);
      await expectTheSame();
    });

    it('makes a table anew that lacks a column, and fills it', async () => {
      await copy.run();
      await home.engine.run('ALTER TABLE threadvault_analytics.messages DROP COLUMN subject');
      copy.state.statements = [];

      const states = await copy.run();

      expect(states.slice(0, 6)).toEqual(
        'FindTables IsATableOutdated DropTable FindTables IsATableOutdated AreThereTables'.split(' '),
      );
      expect(copy.state.statements[0]).toBe('DROP TABLE IF EXISTS threadvault_analytics.messages');
      await expectTheSame();
    });

    it('takes answers of several pages, and digests in several rounds', async () => {
      await archive.capture('13', { m5: '2026-02-04T11:00:00Z', m6: '2026-02-05T11:00:00Z' });
      await archive.writeDigest();
      copy.state.maxRows = 2;
      copy.state.maxDigests = 1;

      const states = await copy.run();

      expect(states.filter((state) => state === 'MergeDays').length).toBeGreaterThan(2);
      expect(states.filter((state) => state === 'SaveProgress')).toHaveLength(2);
      expect(await rowsOf('messages', 'message_id')).toEqual(
        ['m1', 'm2', 'm3', 'm5', 'm6'].map((id) => [id]),
      );
      await expectTheSame();
    });

    it('looks in each round at the digests of that round alone', async () => {
      await archive.capture('13', { m5: '2026-02-04T11:00:00Z' });
      await archive.writeDigest();
      copy.state.maxDigests = 1;

      await copy.run();

      const merges = copy.state.statements.filter((statement) => /^MERGE INTO \w+\.messages/.test(statement));
      expect(merges.map((merge) => /dt IN \(([^)]*)\)/.exec(merge)?.[1])).toEqual([
        "'2026-01-31','2026-02-01'",
        "'2026-02-04'",
      ]);
    });

    it('reads all records of an account in which very many threads have changed', async () => {
      await archive.pretendToWrite(Array.from({ length: 3_001 }, (_, i) => String(70_000 + i)));
      await archive.writeDigest();

      const states = await copy.run();

      expect(states).toContain('MergeAllThreads');
      expect(states).not.toContain('MergeThreads');
      await expectTheSame();
    });

    it('does what failed once more, and is gone on with by the next when it keeps failing', async () => {
      const failure = { api: 'athena:startQueryExecution.sync', matching: /MERGE INTO \w+\.threads/ };
      copy.state.failing = [failure];
      await copy.run();
      await archive.capture('12', { m3: '2026-01-31T11:00:00Z', m4: '2026-02-03T11:00:00Z' });
      await archive.writeDigest();
      copy.state.failing = Array.from({ length: 5 }, () => failure);

      await expect(copy.run()).rejects.toThrow(TaskError);
      expect(copy.state.progress).toBe('digests/000000000000.json');
      await copy.run();

      expect(copy.state.progress).toBe('digests/000000000001.json');
      await expectTheSame();
    });
  });

  /** The rows of a table of the copy, as texts. */
  async function rowsOf(table: CopiedTable, columns: string): Promise<string[][]> {
    const [, ...rows] = await home.engine.run(
      `SELECT ${columns} FROM threadvault_analytics.${table} ORDER BY ${IDS[table]}`,
    );
    return rows;
  }

  /** Every column of every row is as the archive has it. */
  async function expectTheSame(): Promise<void> {
    for (const table of COPIED_TABLES) {
      const { partitions, columns } = TABLES[table];
      const names = [...partitions, ...Object.keys(columns)].map((name) => `"${name}"`).join(', ');
      // Compared here: not every engine compares rows within arrays that have nulls.
      const rows = (database: string) =>
        home.engine.run(`SELECT ${names} FROM ${database}.${table} ORDER BY ${IDS[table]}`);
      expect((await rows('threadvault_analytics')).map(inMilliseconds)).toEqual(
        (await rows('threadvault')).map(inMilliseconds),
      );
    }
  }

  /** How many rows each MERGE has changed. */
  async function changedRows(work: () => Promise<unknown>): Promise<string[]> {
    const counts: string[] = [];
    const { run } = home.engine;
    home.engine.run = async (statement) => {
      const rows = await run(statement);
      if (statement.startsWith('MERGE')) counts.push(rows[1]![0]!);
      return rows;
    };
    await work();
    home.engine.run = run;
    return counts;
  }
}

/** Iceberg keeps microseconds. */
function inMilliseconds(row: string[]): string[] {
  return row.map((text) => text.replaceAll(/(:\d\d\.\d{3})000\b/g, '$1'));
}
