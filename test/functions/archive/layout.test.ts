import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actorKey,
  directoryNoteKey,
  isSafeId,
  parsePartKey,
  partKey,
  placesKey,
  threadRecordKey,
  utcDay,
} from '../../../functions/archive/layout.ts';

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
    expect(actorKey({ portalId: '62515', actorId: 'A-4110231' })).toBe(
      'actors/portal_id=62515/A-4110231.json',
    );
    expect(placesKey({ portalId: '62515', table: 'channel_accounts' })).toBe(
      'channel_accounts/portal_id=62515/channel_accounts.json',
    );
    expect(directoryNoteKey('62515')).toBe('directory/portal_id=62515/refreshed.json');
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

  it.each(['..', 'a/b', '', 'a b', '.hidden', 'ü', 'a\n', 'x'.repeat(129), '-a'])(
    'refuse the id %j',
    (bad) => {
      expect(isSafeId(bad)).toBe(false);
      expect(() => partKey({ portalId: '1', threadId: bad, dt: '2023-11-07' })).toThrow(RangeError);
      expect(() => threadRecordKey({ portalId: bad, threadId: '1' })).toThrow(RangeError);
    },
  );
});

describe('the key of an actor', () => {
  it.each(['A-4110231', 'B-7781', 'I-2438486', 'S-hubspot', 'V-12345678', 'L-31'])('names %s', (actorId) => {
    expect(actorKey({ portalId: '1', actorId })).toBe(`actors/portal_id=1/${actorId}.json`);
  });

  it.each([
    'E-ana@example.com',
    'E-ana',
    'ana',
    'P-4915112345678',
    'V-ana@example.com',
    'A-../x',
    'A-',
    `V-${'1'.repeat(200)}`,
  ])('has a digest in place of %s', (actorId) => {
    expect(actorKey({ portalId: '1', actorId })).toMatch(/^actors\/portal_id=1\/[0-9a-f]{64}\.json$/);
  });

  it('is safe for every id, never shows an address, and is another one for another actor', () => {
    const actorId = fc.oneof(
      fc.string(),
      fc.emailAddress().map((address) => `E-${address}`),
      fc.stringMatching(/^[A-Z]-\w+$/),
    );
    fc.assert(
      fc.property(actorId, actorId, (one, other) => {
        const key = actorKey({ portalId: '1', actorId: one });

        expect(key).toMatch(/^actors\/portal_id=1\/[A-Za-z0-9_-]{1,128}\.json$/);
        expect(key === actorKey({ portalId: '1', actorId: other })).toBe(one === other);
      }),
    );
  });

  it('refuses an account that is no path segment', () => {
    expect(() => actorKey({ portalId: '..', actorId: 'A-1' })).toThrow(RangeError);
    expect(() => placesKey({ portalId: '..', table: 'inboxes' })).toThrow(RangeError);
    expect(() => directoryNoteKey('..')).toThrow(RangeError);
  });
});

describe('the day of an instant', () => {
  it('is that of UTC', () => {
    expect(utcDay(new Date('2023-11-07T23:59:59.999-01:00'))).toBe('2023-11-08');
  });
});
