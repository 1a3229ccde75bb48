import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../functions/telemetry.ts';
import { parseQueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { routeOf } from '../../functions/thread-queue/route.ts';
import { anchors, codeBlocks, DOCUMENTS, firstTable, matches, readDocument, section } from './markdown.ts';

const RUNBOOK = readDocument('docs/runbook.md');
const SHELL = DOCUMENTS.flatMap((name) => codeBlocks(readDocument(name), 'sh')).join('\n');
const CODE = globSync(['functions/**/*.ts', 'cdk/**/*.ts'])
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

describe('the runbook', () => {
  it('queries log lines that the functions write, by fields that they have', () => {
    const queries = matches(SHELL, /^insights \w+ "([^"]+)"$/gm);
    const logged = queries.flatMap((query) => matches(query, /message (?:= |in \[)('[^|\]]+')/g));

    const lines = logged.flatMap((list) => matches(list, /'([^']+)'/g));
    const fields = queries.flatMap(fieldsOf);

    expect(queries).toHaveLength(SHELL.match(/^insights /gm)!.length);
    expect(lines.filter((line) => !CODE.includes(`'${line}'`))).toEqual([]);
    expect(fields.filter((field) => !isLogged(field))).toEqual([]);
  });

  it('quotes reasons that the code gives', () => {
    const quoted = [
      'HubSpot answered',
      'no whole answer from HubSpot',
      'HubSpot is left alone',
      'departs from the API',
      'is not JSON',
      'the secret access tokens',
      'is not configured',
      'the body is not a queued thread',
      'CorruptArchiveError',
      'ConflictError',
      'environment variables missing or unusable',
      'SQS refused',
      'S3 answered',
      'no whole answer from S3',
      'which no lock keeps',
    ];

    expect(quoted.filter((reason) => !RUNBOOK.includes(reason))).toEqual([]);
    expect(quoted.filter((reason) => !CODE.includes(reason))).toEqual([]);
  });

  it('names metrics that exist', () => {
    const table = firstTable(section(RUNBOOK, '## Privacy deletions')).map(([name]) => name!);
    const named = [...matches(RUNBOOK, /metric `(\w+)`/g), ...table];

    expect(table).toHaveLength(4);
    expect(Object.values(METRICS)).toEqual(expect.arrayContaining(named));
  });

  it('puts onto each queue what its consumer takes for a thread', () => {
    const sent = SHELL.replaceAll("'$NOW'", '1800000000000').matchAll(
      /--queue-url "([^"]+)" --message-body '([^']+)'/g,
    );

    const threads = Array.from(sent, ([, queue, body]) => [queue, parseQueuedThread(body!)] as const);

    expect(threads.map(([queue, thread]) => [queue, routeOf(thread?.reasons[0])])).toEqual([
      ['$(output ErasureQueueUrl)', 'erasure'],
      ['$(output ThreadQueueUrl)', 'ordinary'],
    ]);
    for (const [, thread] of threads)
      expect(thread).toMatchObject({ portalId: '62515', threadId: '6065362089' });
  });
});

describe('the code', () => {
  it('refers to documents and headings that exist', () => {
    const files = globSync(['{bench,cdk,functions,local,test}/**/*.ts', 'eslint.config.js']);
    const named = files.flatMap((file) =>
      matches(readFileSync(file, 'utf8'), /\b(docs\/[\w-]+\.md(?:#[\w-]+)?)/g),
    );

    const broken = named.filter((target) => {
      const [file = '', anchor] = target.split('#');
      return !existsSync(file) || (anchor !== undefined && !anchors(readDocument(file)).includes(anchor));
    });

    expect(named).not.toEqual([]);
    expect(broken).toEqual([]);
  });
});

const INSIGHTS_WORDS = new Set(
  'filter in and or stats count sum max latest as by sort desc limit fields bin m h'.split(' '),
);
/** Fields of the lines that Lambda itself writes, and of every line that Powertools writes. */
const FIELDS_OF_LAMBDA = new Set(['@timestamp', 'type', 'level', 'message', 'errorType', 'errorMessage']);

/** The fields that a Logs Insights query reads. */
function fieldsOf(query: string): string[] {
  const names = matches(query.replaceAll(/'[^']*'/g, ''), /(@?[A-Za-z_][\w.]*)/g);
  const aliases = matches(query, /\bas (\w+)/g);
  return names.filter((name) => !INSIGHTS_WORDS.has(name) && !aliases.includes(name));
}

function isLogged(field: string): boolean {
  return (
    FIELDS_OF_LAMBDA.has(field) || field.startsWith('record.') || new RegExp(`\\b${field}\\b`).test(CODE)
  );
}
