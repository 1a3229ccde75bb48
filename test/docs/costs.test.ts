import { describe, expect, it } from 'vitest';
import { sizesSchema } from '../../bench/athena-model.ts';
import { ARCHIVES, describeCosts } from '../../bench/describe-costs.ts';
import { readsOf } from '../../bench/query-reads.ts';
import { COPIED_TABLES } from '../../queries/analytics-copy.ts';
import { SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { codeBlocks, readDocument, section } from './markdown.ts';

const COSTS = section(readDocument('docs/queries.md'), '## What they cost');

const [JSON_OF_SIZES = ''] = codeBlocks(COSTS, 'json');
const SIZES = sizesSchema.parse(JSON.parse(JSON_OF_SIZES));

describe('the documented costs of the saved queries', () => {
  it('follow from the documented sizes', () => {
    expect(codeBlocks(COSTS, 'text')).toEqual(ARCHIVES.map((messages) => describeCosts(SIZES, messages)));
  });

  it('know the size of every column that a query names', () => {
    const reads = SAVED_QUERIES.flatMap(({ sql }) => readsOf(sql));
    for (const table of COPIED_TABLES) {
      const named = new Set(reads.filter((read) => read.table === table).flatMap((read) => read.columns));
      // It is in the keys, and not in the files.
      named.delete('portal_id');

      expect(Object.keys(SIZES.copy[table].columns)).toEqual([...named].sort());
    }
  });
});
