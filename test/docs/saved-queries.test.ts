import { describe, expect, it } from 'vitest';
import { describeCharge } from '../../cli/query/charge.ts';
import { fillIn, SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { codeBlocks, firstTable, readDocument, section } from './markdown.ts';

const DOCUMENT = readDocument('docs/queries.md');

describe('the document of saved queries', () => {
  it('has each with what it answers and its parameters', () => {
    const documented = firstTable(DOCUMENT).map(([link, ...cells]) => [
      /^\[([\w-]+)\]\(\.\.\/queries\/\1\.sql\)$/.exec(link!)?.[1],
      ...cells,
    ]);

    expect(documented).toEqual(
      SAVED_QUERIES.map(({ name, description, parameters }) => [name, description, parameters.join(', ')]),
    );
  });

  it('says of each parameter what it takes, in the words of the error', () => {
    const documented = firstTable(section(DOCUMENT, '## The parameters'));

    for (const [parameter, allowed] of documented) {
      const query = { name: 'q', description: '', sql: `:${parameter!}`, parameters: [parameter!] };
      expect(() => fillIn(query, new Map())).toThrow(`${parameter!} is missing; it takes ${allowed!}`);
    }
    expect(documented.map(([parameter]) => parameter).sort()).toEqual(
      [...new Set(SAVED_QUERIES.flatMap(({ parameters }) => parameters))].sort(),
    );
  });

  it('shows what npm run query prints of what an answer cost', () => {
    const [line = ''] = codeBlocks(section(DOCUMENT, '## Over Athena from the command line'), 'text');
    const [, bytes = '', seconds, queryId] =
      /^([\d,]+) bytes scanned in ([\d.]+) s, .* query (\S+)$/.exec(line) ?? [];
    const Statistics = {
      DataScannedInBytes: Number(bytes.replaceAll(',', '')),
      TotalExecutionTimeInMillis: Number(seconds) * 1000,
    };

    expect(describeCharge({ QueryExecutionId: queryId, StatementType: 'DML', Statistics })).toBe(line);
  });
});
