import { describe, expect, it } from 'vitest';
import { holdKey, parseHoldKey } from '../../../functions/archive/layout.ts';
import { ConflictError, CorruptArchiveError } from '../../../functions/errors.ts';
import { type HoldAct, isThreadHeld, readHold, recordHoldAct } from '../../../functions/holds/hold-record.ts';
import { THREAD } from '../../support/conversation.ts';
import { recordingStore } from '../../support/recording-store.ts';

const NOON = Date.UTC(2026, 1, 2, 12);
const act = (changes: Partial<HoldAct> = {}): HoldAct => ({
  act: 'add',
  caseName: 'smith-v-jones',
  by: 'ann',
  at: NOON,
  reason: 'letter of 1 February',
  requestId: 'r',
  ...changes,
});
const removal = (changes: Partial<HoldAct> = {}) => act({ act: 'remove', at: NOON + 60_000, ...changes });

describe('the legal holds of a thread', () => {
  it('are none until one is put', async () => {
    const { store } = recordingStore();

    expect(await readHold(store, THREAD)).toBeUndefined();
    expect(await isThreadHeld(store, THREAD)).toBe(false);
  });

  it('say who put them, when and why', async () => {
    const { store } = recordingStore();

    await recordHoldAct(store, THREAD, act());

    expect(await readHold(store, THREAD)).toEqual({
      thread_id: THREAD.threadId,
      held: true,
      held_since: '2026-02-02 12:00:00.000',
      cases: ['smith-v-jones'],
      history: [
        {
          act: 'add',
          case_name: 'smith-v-jones',
          done_by: 'ann',
          done_at: '2026-02-02 12:00:00.000',
          reason: 'letter of 1 February',
        },
      ],
      schema_version: 1,
    });
  });

  it('last until the last case lets go, and every act stays on record', async () => {
    const { store } = recordingStore();
    await recordHoldAct(store, THREAD, act());
    await recordHoldAct(store, THREAD, act({ caseName: 'audit', at: NOON + 1 }));

    const between = await recordHoldAct(store, THREAD, removal());
    const after = await recordHoldAct(store, THREAD, removal({ caseName: 'audit' }));

    expect(between).toMatchObject({ held: true, held_since: '2026-02-02 12:00:00.000', cases: ['audit'] });
    expect(after).toMatchObject({ held: false, held_since: null, cases: [] });
    expect(after?.history.map((each) => `${each.act} ${each.case_name}`)).toEqual([
      'add smith-v-jones',
      'add audit',
      'remove smith-v-jones',
      'remove audit',
    ]);
  });

  it.each([
    ['a case that holds it already', act()],
    ['a case that does not hold it', removal({ caseName: 'audit' })],
  ])('are as they were after an act for %s', async (_, again) => {
    const { store, takeWrites } = recordingStore();
    await recordHoldAct(store, THREAD, act());
    takeWrites();

    expect((await recordHoldAct(store, THREAD, again))?.history).toHaveLength(1);

    expect(takeWrites()).toEqual([]);
  });

  it('are not begun by removing one', async () => {
    const { store, keys } = recordingStore();

    expect(await recordHoldAct(store, THREAD, removal())).toBeUndefined();

    expect(keys()).toEqual([]);
  });

  it('lose no act when several come at once', async () => {
    const { store } = recordingStore();
    const cases = ['a', 'b', 'c', 'd', 'e'];

    await Promise.all(cases.map((caseName) => recordHoldAct(store, THREAD, act({ caseName }))));

    expect((await readHold(store, THREAD))?.cases).toEqual(cases);
  });

  it('are given up after ten lost rounds', async () => {
    const { store } = recordingStore();
    const put = () => Promise.reject(new ConflictError('lost'));

    await expect(recordHoldAct({ ...store, put }, THREAD, act())).rejects.toThrow(ConflictError);
  });

  it('are never taken for none when they cannot be read', async () => {
    const { store, overwrite } = recordingStore();
    overwrite(holdKey(THREAD), Buffer.from('{"held":"no"}'));

    await expect(isThreadHeld(store, THREAD)).rejects.toThrow(CorruptArchiveError);
  });

  it('have a key that names the thread', () => {
    expect(parseHoldKey(holdKey(THREAD))).toEqual(THREAD);
    expect(parseHoldKey('threads/portal_id=1/7.json')).toBeUndefined();
  });
});
