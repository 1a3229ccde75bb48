import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafeId, parsePartKey, partKey, threadRecordKey, utcDay } from '../../../functions/archive/layout.ts';

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$/);
const day = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map(utcDay);

describe('keys', () => {
  it('are those that the contract names', () => {
    const thread = { portalId: '62515', threadId: '6065362089' };

    expect(partKey({ ...thread, dt: '2023-11-07' })).toBe(
      'messages/portal_id=62515/dt=2023-11-07/6065362089.json.gz',
    );
    expect(threadRecordKey(thread)).toBe('threads/portal_id=62515/6065362089.json');
  });

  it('parse back to the partition and thread that they were made of', () => {
    fc.assert(
      fc.property(id, id, day, (portalId, threadId, dt) => {
        expect(parsePartKey(partKey({ portalId, threadId, dt }))).toEqual({ portalId, threadId, dt });
      }),
    );
  });

  it('of anything but a part do not parse', () => {
    expect(parsePartKey('threads/portal_id=1/2.json')).toBeUndefined();
    expect(parsePartKey('messages/portal_id=1/dt=2023-1-7/2.json.gz')).toBeUndefined();
    expect(parsePartKey('messages/portal_id=1/dt=2023-01-07/2.json.GZ')).toBeUndefined();
  });

  it.each(['..', 'a/b', '', 'a b', '.hidden', 'ü', 'a\n', 'x'.repeat(129), '-a'])('refuse the id %j', (bad) => {
    expect(isSafeId(bad)).toBe(false);
    expect(() => partKey({ portalId: '1', threadId: bad, dt: '2023-11-07' })).toThrow(RangeError);
    expect(() => threadRecordKey({ portalId: bad, threadId: '1' })).toThrow(RangeError);
  });
});

describe('the day of an instant', () => {
  it('is that of UTC', () => {
    expect(utcDay(new Date('2023-11-07T23:59:59.999-01:00'))).toBe('2023-11-08');
  });
});
