import { describe, expect, it } from 'vitest';
import { codeBlocks, matches, readDocument } from './markdown.ts';

const [CLOUDTRAIL, WHO_BY_CLOUDTRAIL, S3, WHO_BY_S3] = codeBlocks(
  readDocument('docs/access-trail.md'),
  'sql',
);

// The first example of https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html (read November 2026).
const LINE =
  '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] ' +
  '192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - ' +
  '"GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - ' +
  's9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 ' +
  'AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 ' +
  'arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes us-east-1';

describe('the table over server access logs', () => {
  it('takes a line apart into its columns', () => {
    const [regex] = matches(S3!, /'input\.regex' = '(.*)'$/gm);

    // In the statement a backslash is written twice.
    const values = new RegExp(regex!.replaceAll('\\\\', '\\')).exec(LINE)?.slice(1);

    const columns = columnsOf(S3!).filter((name) => name !== 'dt');
    expect(values).toHaveLength(columns.length);
    expect(Object.fromEntries(columns.map((name, at) => [name, values?.[at]]))).toMatchObject({
      requested_at: '06/Feb/2019:00:00:38 +0000',
      remote_ip: '192.0.2.3',
      operation: 'REST.GET.VERSIONING',
      object_key: '-',
      http_status: '200',
      error_code: '-',
      bytes_sent: '113',
      total_ms: '7',
      user_agent: '"S3Console/0.4"',
      version_id: '-',
    });
  });
});

describe.each([
  ['CloudTrail', CLOUDTRAIL!, WHO_BY_CLOUDTRAIL!],
  ['server access logs', S3!, WHO_BY_S3!],
])('the question over %s', (_, table, question) => {
  it('reads columns that the table has, and only the days that it is told', () => {
    const words = matches(question.replaceAll(/'[^']*'/g, ''), /\b([a-z]+(?:_[a-z]+)*)\b/g);
    const known = [
      ...columnsOf(table),
      ...matches(question, /\bAS (\w+)/g),
      ...matches(table, /TABLE (\w+)/g),
    ];
    const functions = matches(question, /\b(\w+)\(/g);

    expect(words.filter((word) => ![...known, ...functions, 'arn'].includes(word))).toEqual([]);
    expect(words).toContain('dt');
    expect(question).toMatch(/WHERE dt BETWEEN/);
  });

  it('finds each day where the logs of that day are', () => {
    const [location] = matches(table, /^LOCATION '(.*)'$/gm);

    expect(table).toContain(`'storage.location.template' = '${location!}\${dt}'`);
  });
});

function columnsOf(table: string): string[] {
  return matches(table, /^ {2}(\w+) (?:string|struct<.*>),?$/gm).concat(matches(table, /BY \((\w+) /g));
}
