import { describe, expect, it } from 'vitest';
import { createRefreshDirectory } from '../../../functions/directory/refresh.ts';
import { createListPlaces } from '../../../functions/hubspot/places.ts';
import { removeInbox } from '../../../local/simulated-hubspot/directory-changes.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { PORTAL_ID, simulatedAccount } from '../../support/simulated-account.ts';

const DAY_MS = 24 * 3_600_000;
const INBOXES = 'inboxes/portal_id=62515/inboxes.json';
const CHANNELS = 'channels/portal_id=62515/channels.json';
const ACCOUNTS = 'channel_accounts/portal_id=62515/channel_accounts.json';
const NOTE = 'directory/portal_id=62515/refreshed.json';

function setUp() {
  const { hubspot, http, clock } = simulatedAccount();
  const archive = recordingStore();
  const listPlaces = createListPlaces(http.get, 'v3');
  const refreshDirectory = createRefreshDirectory({ store: archive.store, listPlaces, now: () => clock.ms });
  const refresh = () => refreshDirectory({ portalId: PORTAL_ID, requestId: 'request-1' });
  const rows = (key: string) => {
    const body = archive.writes.findLast((write) => write.key === key)?.body.toString() ?? '';
    return body
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { hubspot, archive, clock, refresh, rows };
}

describe('the tables of inboxes, channels and channel accounts', () => {
  it('hold what HubSpot lists, typed and as it was sent, in the order of the ids', async () => {
    const { hubspot, archive, refresh, rows } = setUp();
    const { inboxes, channels } = hubspot.world.places;
    hubspot.world.places.inboxes = inboxes.toReversed();

    expect(await refresh()).toEqual({ status: 'refreshed', tablesWritten: 3 });

    expect(archive.keys()).toEqual([ACCOUNTS, CHANNELS, NOTE, INBOXES]);
    expect(rows(INBOXES).map((row) => row['raw'])).toEqual(
      inboxes.map(({ fields }) => JSON.stringify(fields)),
    );
    expect(rows(INBOXES)[2]).toEqual({
      inbox_id: '104532',
      name: 'Help desk',
      type: 'HELP_DESK',
      archived: false,
      created_at: '2022-03-01 08:00:00.000',
      updated_at: '2022-03-01 08:00:00.000',
      raw: JSON.stringify(inboxes[2]?.fields),
      observed_at: '2026-02-02 12:00:00.000',
      removed_at: null,
    });
    expect(rows(CHANNELS)[0]).toEqual({
      channel_id: '1000',
      name: 'LIVE_CHAT',
      raw: JSON.stringify(channels[0]?.fields),
      observed_at: '2026-02-02 12:00:00.000',
      removed_at: null,
    });
    expect(rows(ACCOUNTS)[2]).toMatchObject({
      channel_account_id: '2003',
      name: 'support@example.org',
      channel_id: '1002',
      inbox_id: '104530',
      active: true,
      authorized: true,
      archived: false,
      created_at: '2022-03-01 08:00:00.000',
      delivery_type: 'HS_EMAIL_ADDRESS',
      delivery_value: 'support@example.org',
    });
    expect(rows(ACCOUNTS).map((row) => row['channel_account_id'])).toEqual([
      '2001',
      '2002',
      '2003',
      '2004',
      '2005',
      '2006',
    ]);
    expect(archive.writes[0]).toMatchObject({
      contentType: 'application/x-ndjson',
      condition: { absent: true },
      metadata: { 'request-id': 'request-1', 'fetch-started-at': '2026-02-02 12:00:00.000' },
    });
  });

  it('are compared with HubSpot once a day, and written only when something changed', async () => {
    const { hubspot, archive, clock, refresh } = setUp();
    await refresh();
    const firstCalls = hubspot.log.calls.length;
    archive.takeWrites();
    clock.ms += DAY_MS - 1;

    expect(await refresh()).toEqual({ status: 'fresh', tablesWritten: 0 });
    expect(hubspot.log.calls).toHaveLength(firstCalls);
    clock.ms += 1;
    expect(await refresh()).toEqual({ status: 'refreshed', tablesWritten: 0 });

    expect(archive.takeWrites()).toEqual([NOTE]);
  });

  it('keep an inbox that HubSpot lists no more, marked until it is back', async () => {
    const { hubspot, archive, clock, refresh, rows } = setUp();
    await refresh();
    const before = rows(INBOXES);
    const kept = { ...hubspot.world.places };
    removeInbox(hubspot.world, '104531');
    for (let day = 0; day < 2; day++) {
      archive.takeWrites();
      clock.ms += DAY_MS;

      await refresh();

      expect(archive.takeWrites()).toEqual(
        day === 0 ? [expect.any(String), expect.any(String), NOTE] : [NOTE],
      );
    }
    const read = async (key: string) => (await archive.store.get(key))!.body.toString();
    const marked = (await read(INBOXES)).trimEnd().split('\n');
    expect(marked.map((line) => JSON.parse(line) as unknown)).toEqual(
      before.map((row) =>
        row['inbox_id'] === '104531' ? { ...row, removed_at: '2026-02-03 12:00:00.000' } : row,
      ),
    );
    expect((await read(ACCOUNTS)).match(/"removed_at":"2026-02-03 12:00:00.000"/g)).toHaveLength(1);
    Object.assign(hubspot.world.places, kept);
    clock.ms += DAY_MS;

    await refresh();

    expect(rows(INBOXES)).toEqual(before);
  });

  it('take what has changed, and say since when', async () => {
    const { hubspot, clock, refresh, rows } = setUp();
    await refresh();
    const [first, ...others] = hubspot.world.places.inboxes;
    const renamed = { ...first!, fields: { ...first!.fields, name: 'Care' } };
    // In another order than before, which is no change.
    hubspot.world.places.inboxes = [...others.toReversed(), renamed];
    hubspot.world.places.channels = hubspot.world.places.channels.toReversed();
    clock.ms += DAY_MS;

    expect(await refresh()).toEqual({ status: 'refreshed', tablesWritten: 1 });

    expect(rows(INBOXES).map((row) => [row['name'], row['observed_at']])).toEqual([
      ['Care', '2026-02-03 12:00:00.000'],
      ['Sales', '2026-02-02 12:00:00.000'],
      ['Help desk', '2026-02-02 12:00:00.000'],
    ]);
  });

  it('are tried again by the next call when one cannot be listed; the others are written', async () => {
    const { hubspot, archive, refresh } = setUp();
    hubspot.faults.next(1, { kind: 'status', status: 403 }, /\/channels$/);

    await expect(refresh()).rejects.toMatchObject({ status: 403 });
    expect(archive.takeWrites().toSorted()).toEqual([ACCOUNTS, INBOXES]);

    expect(await refresh()).toEqual({ status: 'refreshed', tablesWritten: 1 });
  });

  it('end the same when two refresh them at once', async () => {
    const { archive, refresh } = setUp();

    const outcomes = await Promise.all([refresh(), refresh()]);

    expect(outcomes.map(({ tablesWritten }) => tablesWritten).toSorted()).toEqual([0, 3]);
    expect(archive.takeWrites()).toHaveLength(4);
  });

  it('are not written over when they cannot be read', async () => {
    const { archive, refresh } = setUp();
    archive.overwrite(INBOXES, Buffer.from('{"name":"Support"}\n'));

    await expect(refresh()).rejects.toThrow(`${INBOXES} is not a table of places`);

    expect(archive.takeWrites()).not.toContain(INBOXES);
  });

  it('are compared again when nobody can read when they last were', async () => {
    const { archive, refresh } = setUp();
    archive.overwrite(NOTE, Buffer.from('{'));

    expect(await refresh()).toMatchObject({ status: 'refreshed' });

    expect(await refresh()).toMatchObject({ status: 'fresh' });
  });
});
