import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePart, encodePart } from '../../../functions/archive/part.ts';
import { messageRow } from '../../../functions/archive/row.ts';
import { hubSpotMessage } from '../../support/conversation.ts';

const row = fc
  .record({
    id: fc.stringMatching(/^[0-9a-f]{1,8}$/),
    ms: fc.nat(86_399_999),
    text: fc.string({ unit: 'binary' }),
  })
  .map(({ id, ms, text }) => {
    const createdAt = new Date(Date.UTC(2026, 0, 31) + ms).toISOString();
    return messageRow(hubSpotMessage(id, createdAt, { text }), '7', '2026-02-01 00:00:00.000');
  });
const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 20, selector: (each) => each.message_id });

describe('a part', () => {
  it('gives back its rows in the order of (created_at, message_id), and the same bytes for any order they came in', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.infiniteStream(fc.nat()), async (some, order) => {
        const shuffled = some.map((each) => [order.next().value, each] as const).sort(([a], [b]) => a - b);

        const bytes = await encodePart(some);

        expect(await encodePart(shuffled.map(([, each]) => each))).toEqual(bytes);
        const sortKey = (each: { created_at: string; message_id: string }) =>
          each.created_at + each.message_id;
        const sorted = some.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
        expect(await decodePart(bytes, 'key')).toEqual(sorted);
      }),
      { numRuns: 50 },
    );
  });

  it('is gzip without a trace of when and where it was made, one JSON document a line', async () => {
    const some = [
      messageRow(hubSpotMessage('a', '2026-01-31T10:00:00Z', { text: 'x\ny\u2028' }), '7', 'now'),
    ];

    const bytes = await encodePart(some);

    expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    const lines = gunzipSync(bytes).toString().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines.map((line) => line.length > 0)).toEqual([true, false]);
  });

  it.each([
    ['no gzip', Buffer.from('{}\n'), 'messages/x.json.gz is not whole gzip'],
    ['gzip cut short', gzipSync('{}\n'.repeat(9)).subarray(0, 20), 'messages/x.json.gz is not whole gzip'],
    ['text cut short', gzipSync('{"message_id":'), 'messages/x.json.gz does not end with a line break'],
    ['a line that is no JSON', gzipSync('secret text\n'), 'messages/x.json.gz, line 1 is not JSON'],
    [
      'a line that is no row',
      gzipSync('{"message_id":5}\n'),
      'messages/x.json.gz, line 1 is not a row of a part',
    ],
  ])('that is %s is refused by name, without a word of it', async (_, bytes, message) => {
    await expect(decodePart(bytes, 'messages/x.json.gz')).rejects.toThrow(
      expect.objectContaining({ name: 'CorruptArchiveError', message }),
    );
  });
});
