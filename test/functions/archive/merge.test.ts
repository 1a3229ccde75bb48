import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markRemoved, mergeRows } from '../../../functions/archive/merge.ts';
import { type MessageRow, messageRow } from '../../../functions/archive/row.ts';
import { hubSpotMessage } from '../../support/conversation.ts';

const at = (minute: number) => `2026-01-31 10:${String(minute).padStart(2, '0')}:00.000`;
const updated = (minute: number) => ({ updatedAt: `2026-01-31T10:${String(minute).padStart(2, '0')}:00Z` });
const seen = (minute: number, id: string, fields: Record<string, unknown> = {}): MessageRow =>
  messageRow(hubSpotMessage(id, '2026-01-31T09:00:00Z', fields), '7', at(minute));

describe('merging', () => {
  it('adds what is new and keeps what was not fetched', () => {
    const merge = mergeRows([seen(1, 'a')], [seen(2, 'b')]);

    expect(merge).toEqual({ rows: [seen(1, 'a'), seen(2, 'b')], changed: true, missing: ['a'] });
  });

  it('changes nothing when nothing is new, not even when it was seen', () => {
    const archived = [seen(1, 'a')];

    expect(mergeRows(archived, [seen(2, 'a')])).toEqual({ rows: archived, changed: false, missing: [] });
  });

  it('takes an edit of a later fetch, and not of an earlier one', () => {
    const archived = seen(5, 'a', { text: 'old' });

    expect(mergeRows([archived], [seen(6, 'a', { text: 'new' })]).rows[0]?.text).toBe('new');
    expect(mergeRows([archived], [seen(4, 'a', { text: 'new' })])).toMatchObject({
      changed: false,
      rows: [archived],
    });
    expect(mergeRows([archived], [seen(5, 'a', { text: 'new' })])).toMatchObject({ changed: false });
  });

  it("goes by HubSpot's time of change before the time of the fetch", () => {
    const archived = seen(5, 'a', { text: 'old', ...updated(3) });

    expect(mergeRows([archived], [seen(4, 'a', { text: 'new', ...updated(4) })]).changed).toBe(true);
    expect(mergeRows([archived], [seen(6, 'a', { text: 'new', ...updated(2) })]).changed).toBe(false);
  });

  it('no longer marks what a later fetch shows again', () => {
    const removed = { ...seen(1, 'a'), removed_at: at(5) };

    expect(mergeRows([removed], [seen(6, 'a')]).rows).toEqual([
      { ...removed, observed_at: at(6), removed_at: null },
    ]);
    expect(mergeRows([removed], [seen(4, 'a')])).toMatchObject({ changed: false, rows: [removed] });
  });

  it('takes an edit seen before the removal, and leaves the mark', () => {
    const removed = { ...seen(1, 'a', updated(1)), removed_at: at(5) };

    const [row] = mergeRows([removed], [seen(4, 'a', { text: 'new', ...updated(2) })]).rows;

    expect(row).toMatchObject({ text: 'new', removed_at: at(5) });
  });

  it('does not name as missing what is marked already', () => {
    expect(mergeRows([{ ...seen(1, 'a'), removed_at: at(5) }], []).missing).toEqual([]);
  });

  it('comes to the same in any order of the fetches, and a second time changes nothing', () => {
    const fetch = fc.record({
      minute: fc.integer({ min: 1, max: 50 }),
      ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    });
    // What a message says is what HubSpot had at the time, so a fetch is known by its minute.
    const rowsOf = ({ minute, ids }: { minute: number; ids: string[] }) =>
      ids.map((id) => seen(minute, id, { text: `as of ${minute}` }));
    const fetches = fc.uniqueArray(fetch, { maxLength: 6, selector: (each) => each.minute });
    fc.assert(
      fc.property(fetches, (some) => {
        const mergeAll = (list: typeof some) =>
          list.reduce<MessageRow[]>((rows, each) => mergeRows(rows, rowsOf(each)).rows as MessageRow[], []);
        const byId = (rows: MessageRow[]) => rows.toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1));

        const forwards = byId(mergeAll(some));

        expect(byId(mergeAll(some.toReversed()))).toEqual(forwards);
        for (const each of some) expect(mergeRows(forwards, rowsOf(each)).changed).toBe(false);
      }),
    );
  });
});

describe('marking what a fetch did not find', () => {
  it('marks it with the start of that fetch', () => {
    const { rows, changed } = markRemoved([seen(1, 'a'), seen(1, 'b')], at(5), (id) => id === 'a');

    expect(changed).toBe(true);
    expect(rows.map((row) => row.removed_at)).toEqual([at(5), null]);
  });

  it('leaves alone what a later fetch saw, and what is marked already', () => {
    const rows = [seen(6, 'a'), seen(5, 'b'), { ...seen(1, 'c'), removed_at: at(3) }];

    expect(markRemoved(rows, at(5), () => true)).toEqual({ rows, changed: false });
  });
});
