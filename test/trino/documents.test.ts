import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { askFolder } from '../../cli/query/ask-folder.ts';
import { codeBlocks, readDocument, section } from '../docs/markdown.ts';
import { type Archive, DEMO, ONE_THREAD } from './archives.ts';
import { sortedTexts } from './comparable.ts';
import { trinoConnection } from './connection.ts';
import { createAsk } from './trino.ts';

const DICTIONARY = readDocument('docs/data-dictionary.md');
// The client sends one statement, without the semicolon that Athena's console takes.
const statements = (heading: string) =>
  codeBlocks(section(DICTIONARY, heading), 'sql').map((block) => block.trim().replace(/;$/, ''));
const [gapsInDuckDb, gapsInAthena] = statements('## Gaps');
const [requests, lockedInDuckDb, lockedInAthena] = statements('## Erasures');
const [completeness, ...questions] = statements('## Questions');

/** A statement for both engines, or one for each. */
type Statement = { inDuckDb: string; inAthena?: string };

/** The rows of both engines. Some have no order of their own, so that each is put in one of this test's. */
async function ask({ name }: Archive, { inDuckDb, inAthena = inDuckDb }: Statement) {
  const duckDb = await askFolder(path.join(trinoConnection().root, name), inDuckDb);
  const trino = await createAsk(name)(inAthena);
  return { duckDb: sortedTexts(duckDb.rows), trino: sortedTexts(trino.rows) };
}

describe('the SQL of the data dictionary, on Trino', () => {
  it.each([
    ...questions.map((question, i) => ({ what: `question ${i + 2}`, inDuckDb: question })),
    { what: 'requests to erase', inDuckDb: requests! },
    { what: 'gaps', inDuckDb: gapsInDuckDb!, inAthena: gapsInAthena! },
    { what: 'locked versions', inDuckDb: lockedInDuckDb!, inAthena: lockedInAthena! },
  ])('answers as DuckDB does: $what', async (statement: Statement) => {
    const { duckDb, trino } = await ask(ONE_THREAD, statement);

    expect(duckDb.length).toBeGreaterThan(0);
    expect(trino).toEqual(duckDb);
  });

  it('finds every message that the ledger of a larger archive counts', async () => {
    expect(await ask(DEMO, { inDuckDb: completeness! })).toEqual({ duckDb: [], trino: [] });
  });
});
