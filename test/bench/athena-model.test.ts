import { describe, expect, it } from 'vitest';
import { costOfCopy, costOfParts, type Sizes } from '../../bench/athena-model.ts';

/** Round numbers: a part of ten takes 4,000 bytes, and a message in the copy 100. */
const SIZES: Sizes = {
  messagesPerPart: 10,
  messagesPerThread: 20,
  actorsPerThread: 2,
  bytes: { part: 4_000, thread: 2_000, actor: 300, inboxes: 1_000, channels: 500 },
  copy: {
    messages: {
      footerBytesPerGroup: 10_000,
      bytesPerRow: 100,
      columns: { dt: 1, text: 60, type: 4 },
    },
    threads: {
      footerBytesPerGroup: 20_000,
      bytesPerRow: 200,
      columns: { status: 2, raw: 80 },
    },
    actors: {
      footerBytesPerGroup: 5_000,
      bytesPerRow: 50,
      columns: { name: 8 },
    },
  },
};
const YEAR = { messages: 3_650_000, days: 30, daysOfArchive: 365, projectedDays: 1_000 };
const messages = (columns: string[], isBounded = true) => ({ table: 'messages', columns, isBounded });
const other = (table: string) => ({ table, columns: [], isBounded: false });

describe('the cost of reading parts', () => {
  it('is one GET for each part of the days and one LIST for each thousand of a day', () => {
    // 1,000 parts a day.
    const { bytes, lists, gets } = costOfParts([messages(['dt'])], SIZES, YEAR);
    const more = costOfParts([messages(['dt'])], SIZES, { ...YEAR, messages: 3_650_010 });

    expect({ bytes, lists, gets }).toEqual({ bytes: 120e6, lists: 30, gets: 30_000 });
    expect(more.lists).toBe(60);
  });

  it('is one LIST for each day without parts too when no days are named', () => {
    const { lists, gets } = costOfParts([messages(['dt'], false)], SIZES, YEAR);

    expect({ lists, gets }).toEqual({ lists: 1_000, gets: 365_000 });
  });

  it('is that of every object where there are no days', () => {
    const threads = costOfParts([other('threads')], SIZES, YEAR);
    const actors = costOfParts([other('actors')], SIZES, YEAR);
    const places = costOfParts([other('inboxes'), other('channels')], SIZES, YEAR);

    expect(threads).toMatchObject({ bytes: 365e6, lists: 183, gets: 182_500 });
    expect(actors).toMatchObject({ bytes: 109.5e6, lists: 365, gets: 365_000 });
    expect(places).toMatchObject({ bytes: 1_500, lists: 2, gets: 2 });
  });

  it('counts a table twice that is read twice', () => {
    const once = costOfParts([messages(['dt'])], SIZES, YEAR);
    const twice = costOfParts([messages(['dt']), messages(['text'])], SIZES, YEAR);

    expect([twice.bytes, twice.lists, twice.gets]).toEqual([2 * once.bytes, 2 * once.lists, 2 * once.gets]);
  });

  it('refuses a table of which no size is known', () => {
    expect(() => costOfParts([other('holds')], SIZES, YEAR)).toThrow(
      new RangeError('nothing is known of the sizes of the table holds'),
    );
  });
});

describe('the cost of reading the copy', () => {
  it('is that of the columns that are named, in the month that the days are in', () => {
    // 300,000 rows in three groups, in one file.
    const { bytes, lists, gets } = costOfCopy([messages(['dt', 'type'])], SIZES, YEAR);

    expect({ bytes, lists, gets }).toEqual({ bytes: 1_530_000, lists: 0, gets: 3 + 1 + 3 * 2 });
  });

  it('is that of every month when no days are named', () => {
    // 3,650,000 rows in 12 files of three groups.
    const { bytes, gets } = costOfCopy([messages(['dt'], false)], SIZES, YEAR);

    expect({ bytes, gets }).toEqual({ bytes: 3_650_000 + 36 * 10_000, gets: 3 + 12 + 36 });
  });

  it('is that of the columns of all threads', () => {
    // 182,500 rows in two groups, in one file.
    const { bytes, lists, gets } = costOfCopy([{ ...other('threads'), columns: ['status'] }], SIZES, YEAR);

    expect({ bytes, lists, gets }).toEqual({ bytes: 365_000 + 40_000, lists: 0, gets: 3 + 1 + 2 });
  });

  it('is that of the columns of all actors', () => {
    // 365,000 rows in three groups, in one file.
    const { bytes, lists, gets } = costOfCopy([{ ...other('actors'), columns: ['name'] }], SIZES, YEAR);

    expect({ bytes, lists, gets }).toEqual({ bytes: 2_920_000 + 15_000, lists: 0, gets: 3 + 1 + 3 });
  });

  it('is that of the objects themselves for all other tables', () => {
    expect(costOfCopy([other('inboxes')], SIZES, YEAR)).toEqual(costOfParts([other('inboxes')], SIZES, YEAR));
  });
});

describe('the price', () => {
  it('is five dollars a terabyte, five for a million LISTs, and forty cents for a million GETs', () => {
    const { usd } = costOfParts([messages(['dt'])], SIZES, YEAR);

    expect(usd).toBeCloseTo(120e6 * 5e-12 + 30 * 5e-6 + 30_000 * 0.4e-6, 12);
  });

  it('counts ten megabytes where fewer are read, and else begins a new one', () => {
    const few = { ...YEAR, messages: 36_500 };
    const requests = ({ lists, gets }: { lists: number; gets: number }) => lists * 5e-6 + gets * 0.4e-6;
    const little = costOfParts([messages(['dt'])], SIZES, few);
    const odd = costOfParts([messages(['dt'])], { ...SIZES, bytes: { ...SIZES.bytes, part: 4_001 } }, YEAR);

    expect(little.bytes).toBe(1.2e6);
    expect(little.usd - requests(little)).toBeCloseTo(10e6 * 5e-12, 12);
    expect(odd.bytes).toBe(120_030_000);
    expect(odd.usd - requests(odd)).toBeCloseTo(121e6 * 5e-12, 12);
  });
});
