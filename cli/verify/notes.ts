import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { type Change } from '../../functions/digest/digest.ts';
import { type EvidenceVersion } from './evidence.ts';
import { type Finding } from './finding.ts';

// `version` is '' where there are none. What waits for the next digest is apart: it is believed of nobody but the journal.
const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;
  CREATE TABLE IF NOT EXISTS listed (
    key TEXT, version TEXT, sha256 TEXT, bytes INTEGER, event TEXT, gone_by TEXT, gone_at TEXT, sequence INTEGER, state INTEGER DEFAULT 0,
    PRIMARY KEY (key, version)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS waiting (key TEXT, sha256 TEXT, event TEXT, PRIMARY KEY (key, sha256, event)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS suspects (
    key TEXT, version TEXT, modified_at INTEGER, is_marker INTEGER, PRIMARY KEY (key, version)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS findings (
    kind TEXT, key TEXT, version TEXT, detail TEXT, PRIMARY KEY (kind, key, version, detail)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;`;

/** How far a listed version has been looked at. */
export const STATES = { unchanged: 1, erased: 2, waiting: 3, different: 4, expired: 5 } as const;
type State = (typeof STATES)[keyof typeof STATES];

const rowSchema = z.object({
  key: z.string(),
  version: z.string(),
  sha256: z.string().nullable(),
  bytes: z.number().nullable(),
  event: z.string(),
  gone_by: z.string().nullable(),
  gone_at: z.string().nullable(),
  sequence: z.number(),
  state: z.number(),
});
/** What the chain says of a version. `gone_by`, `gone_at`: how and when it was deleted, as a digest lists it. */
export type ListedVersion = z.infer<typeof rowSchema>;

const suspectSchema = z.object({
  key: z.string(),
  version: z.string(),
  modified_at: z.number().nullable(),
  is_marker: z.number(),
});
const findingSchema = z.object({
  kind: z.string(),
  key: z.string(),
  version: z.string(),
  detail: z.string(),
});
const countsSchema = z.array(z.object({ name: z.union([z.string(), z.number()]), count: z.number() }));

/**
 * What a verification has found out so far, in a file and not in memory: its size is that of the archive's list. A file that is
 * kept lets a verification go on that was broken off, also by a kill.
 */
export type Notes = ReturnType<typeof openNotes>;

const CHANGES_PER_TRANSACTION = 2_000;

/** Opens the notes in a file, or makes them. */
export function openNotes(file: string) {
  const db = new DatabaseSync(file);
  db.exec(SCHEMA);
  let open = 0;
  const inTransaction = () => {
    if (open === 0) db.exec('BEGIN');
    if (++open >= CHANGES_PER_TRANSACTION) commit();
  };
  const commit = () => {
    if (open > 0) db.exec('COMMIT');
    open = 0;
  };
  const statements = prepareAll(db);
  const parsed = <T extends z.ZodType>(schema: T, row: unknown): z.output<T> | undefined =>
    row === undefined ? undefined : schema.parse(row);

  function list({ event, key, version_id, sha256, bytes, at }: Change, sequence: number): void {
    inTransaction();
    const version = version_id ?? '';
    if (event === 'erased' || event === 'expired') statements.erase.run(key, version, event, at, sequence);
    else statements.write.run(key, version, sha256, bytes, event, sequence);
  }

  function* each<T extends z.ZodType>(schema: T, sql: string): Generator<z.output<T>> {
    commit();
    for (const row of db.prepare(sql).iterate()) yield schema.parse(row);
  }

  return {
    /** Takes down what a digest lists. */
    list,
    /** Takes down what waits for the next digest. */
    wait({ key, sha256, event }: Change): void {
      inTransaction();
      statements.wait.run(key, sha256 ?? '', event);
    },
    isWaiting(key: string, sha256: string | undefined): boolean {
      const [event, hash] = sha256 === undefined ? ['erased', ''] : ['written', sha256];
      return statements.isWaiting.get(key, hash, event) !== undefined;
    },
    find: (key: string, versionId: string | null) =>
      parsed(rowSchema, statements.find.get(key, versionId ?? '')),
    mark(key: string, version: string, state: State): void {
      inTransaction();
      statements.mark.run(state, key, version);
    },
    suspect({ key, versionId, modifiedAt, isDeleteMarker }: EvidenceVersion): void {
      inTransaction();
      statements.suspect.run(key, versionId ?? '', modifiedAt, isDeleteMarker ? 1 : 0);
    },
    /** Takes down a version that is there, and that no digest lists yet. */
    addWaiting(key: string, versionId: string | null): void {
      inTransaction();
      statements.addWaiting.run(key, versionId ?? '', STATES.waiting);
    },
    report({ kind, key, versionId, detail }: Finding): void {
      inTransaction();
      statements.report.run(kind, key, versionId ?? '', detail);
    },
    /** What was seen and did not fit. The notes may be changed meanwhile. */
    *suspects() {
      let [key, version] = ['', ''];
      for (;;) {
        const row = parsed(suspectSchema, statements.nextSuspect.get(key, version));
        if (row === undefined) return;
        const { modified_at: modifiedAt, is_marker: isMarker } = row;
        yield { key: row.key, versionId: row.version || null, modifiedAt, isDeleteMarker: isMarker === 1 };
        ({ key, version } = row);
      }
    },
    /** What is listed and was not seen. The notes may be changed meanwhile. */
    *unseen() {
      let [key, version] = ['', ''];
      for (;;) {
        const row = parsed(rowSchema, statements.nextUnseen.get(key, version));
        if (row === undefined) return;
        yield row;
        ({ key, version } = row);
      }
    },
    /** Every difference, by kind and key. */
    *findings(): Generator<Finding> {
      const sql = 'SELECT kind, key, version, detail FROM findings ORDER BY kind, key, version, detail';
      for (const { version, ...finding } of each(findingSchema, sql))
        yield { ...finding, versionId: version || null };
    },
    /** How many versions are in each state, and differences of each kind. */
    counts() {
      commit();
      const ask = (sql: string) =>
        new Map(countsSchema.parse(db.prepare(sql).all()).map(({ name, count }) => [name, count]));
      const states = ask('SELECT state AS name, count(*) AS count FROM listed GROUP BY state');
      const kinds = ask('SELECT kind AS name, count(*) AS count FROM findings GROUP BY kind');
      return {
        inState: (state: State) => states.get(state) ?? 0,
        ofKind: (kind: string) => kinds.get(kind) ?? 0,
      };
    },
    countListed: () => z.object({ n: z.number() }).parse(statements.countListed.get()).n,
    fact(name: string): string | undefined {
      return parsed(z.object({ value: z.string() }), statements.fact.get(name))?.value;
    },
    remember(name: string, value: string): void {
      inTransaction();
      statements.remember.run(name, value);
    },
    commit,
    /** Closing twice does no harm. */
    close(): void {
      if (!db.isOpen) return;
      commit();
      db.close();
    },
  };
}

function prepareAll(db: DatabaseSync) {
  return {
    // Of a version that has an id the events may come in any order, and it never comes back. In a folder the last one counts.
    write:
      db.prepare(`INSERT INTO listed (key, version, sha256, bytes, event, sequence) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET sha256 = coalesce(excluded.sha256, sha256), bytes = coalesce(excluded.bytes, bytes),
        event = excluded.event, gone_at = CASE WHEN version = '' THEN NULL ELSE gone_at END, sequence = excluded.sequence, state = 0
      WHERE version <> '' OR excluded.sequence >= sequence`),
    erase:
      db.prepare(`INSERT INTO listed (key, version, event, gone_by, gone_at, sequence) VALUES (?, ?, 'written', ?, ?, ?)
      ON CONFLICT DO UPDATE SET gone_by = excluded.gone_by, gone_at = excluded.gone_at, sequence = excluded.sequence, state = 0
      WHERE version <> '' OR excluded.sequence >= sequence`),
    wait: db.prepare('INSERT OR IGNORE INTO waiting (key, sha256, event) VALUES (?, ?, ?)'),
    isWaiting: db.prepare('SELECT 1 FROM waiting WHERE key = ? AND sha256 = ? AND event = ?'),
    find: db.prepare('SELECT * FROM listed WHERE key = ? AND version = ?'),
    addWaiting: db.prepare(
      "INSERT OR REPLACE INTO listed (key, version, event, sequence, state) VALUES (?, ?, 'written', -1, ?)",
    ),
    mark: db.prepare('UPDATE listed SET state = ? WHERE key = ? AND version = ?'),
    suspect: db.prepare(
      'INSERT OR IGNORE INTO suspects (key, version, modified_at, is_marker) VALUES (?, ?, ?, ?)',
    ),
    report: db.prepare('INSERT OR IGNORE INTO findings (kind, key, version, detail) VALUES (?, ?, ?, ?)'),
    nextSuspect: db.prepare(
      'SELECT * FROM suspects WHERE (key, version) > (?, ?) ORDER BY key, version LIMIT 1',
    ),
    nextUnseen: db.prepare(
      'SELECT * FROM listed WHERE state = 0 AND (key, version) > (?, ?) ORDER BY key, version LIMIT 1',
    ),
    countListed: db.prepare('SELECT count(*) AS n FROM listed'),
    fact: db.prepare('SELECT value FROM facts WHERE name = ?'),
    remember: db.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)'),
  };
}
