import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveBatch, type ArchiveBatchDeps } from '../../../functions/archive/archive-batch.ts';
import { type CaptureOutcome, type CaptureRequest } from '../../../functions/archive/capture.ts';
import { ConfigError, CorruptArchiveError, HubSpotError, StoreError } from '../../../functions/errors.ts';
import { queuedThread, queueRecord } from '../../support/queue-record.ts';

const NOW = 1_800_000_000_000;
const archived: CaptureOutcome = {
  status: 'archived',
  messages: 1,
  pages: 1,
  partsWritten: 1,
  unseenMessageIds: [],
};

function setUp(capture: (request: CaptureRequest) => CaptureOutcome | Error = () => archived) {
  const captures: CaptureRequest[] = [];
  const deps: ArchiveBatchDeps = {
    portals: ['62515'],
    captureThread: (request) => {
      captures.push(request);
      const outcome = capture(request);
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    now: () => NOW,
    remainingMs: () => 300_000,
    requestId: 'request-1',
  };
  return { deps, captures };
}

describe('a batch', () => {
  it('captures each thread once, with all the messages that its records name', async () => {
    const { deps, captures } = setUp();
    const records = [
      queueRecord('r1', { threadId: '7', messageIds: ['a'], occurredAt: 9 }),
      queueRecord('r2', { threadId: '8', messageIds: ['b'], occurredAt: 7 }),
      queueRecord('r3', { threadId: '7', messageIds: ['c'], occurredAt: 8 }, 2),
    ];

    const verdicts = await archiveBatch(deps, records);

    expect(captures).toMatchObject([
      {
        portalId: '62515',
        threadId: '7',
        announced: { messageIds: ['a', 'c'], occurredAt: 9, firstTry: false },
        requestId: 'request-1',
      },
      {
        portalId: '62515',
        threadId: '8',
        announced: { messageIds: ['b'], occurredAt: 7, firstTry: true },
        requestId: 'request-1',
      },
    ]);
    expect(verdicts.map((verdict) => [verdict.record.recordId, verdict.result]).sort()).toEqual([
      ['r1', 'done'],
      ['r2', 'done'],
      ['r3', 'done'],
    ]);
  });

  it('gives one verdict for every record, and calls done only what is archived', async () => {
    const record = fc.record({
      threadId: fc.constantFrom('1', '2', '3', '4'),
      broken: fc.boolean(),
      receiveCount: fc.integer({ min: 8, max: 11 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record), fc.subarray(['1', '2', '3', '4']), async (some, failing) => {
        const { deps } = setUp((request) =>
          failing.includes(request.threadId) ? new Error('no') : archived,
        );
        const records = some.map(({ threadId, broken, receiveCount }, i) => ({
          ...queueRecord(String(i), { threadId }, receiveCount),
          ...(broken && { body: '{' }),
        }));

        const verdicts = await archiveBatch(deps, records);

        expect(verdicts.map((verdict) => Number(verdict.record.recordId)).sort((a, b) => a - b)).toEqual([
          ...some.keys(),
        ]);
        for (const { record, result } of verdicts) {
          const { threadId, broken, receiveCount } = some[Number(record.recordId)]!;
          const whenItFails = broken || receiveCount >= 10 ? 'dead' : 'again';
          expect(result).toBe(broken || failing.includes(threadId) ? whenItFails : 'done');
        }
      }),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['another form', '{"threadId":"7"}'],
    ['an unknown field', JSON.stringify({ ...JSON.parse(queueRecord('r', {}).body), extra: 1 })],
  ])('sets a record with %s aside at once, because no try could succeed', async (_, body) => {
    const { deps, captures } = setUp();

    const [verdict] = await archiveBatch(deps, [{ ...queueRecord('r', {}), body }]);

    expect(verdict).toEqual({
      record: expect.objectContaining({ recordId: 'r' }),
      result: 'dead',
      fault: {
        reason: 'RecordError: the body is not a queued thread',
        errorClass: 'RecordError',
        requestId: 'request-1',
        receiveCount: 1,
      },
    });
    expect(captures).toEqual([]);
  });

  it('gives an account that is not configured its tries, because a deployment may be adding it, and then sets it aside', async () => {
    const { deps, captures } = setUp();

    const verdicts = await archiveBatch(deps, [
      queueRecord('r', { portalId: '1' }),
      queueRecord('s', { portalId: '1' }, 10),
    ]);

    const reason = 'RecordError: account 1 is not configured';
    expect(verdicts).toMatchObject([
      { result: 'again', reason, afterSeconds: 5 },
      { result: 'dead', fault: { reason, errorClass: 'RecordError', receiveCount: 10 } },
    ]);
    expect(verdicts[0]).not.toHaveProperty('requeue');
    expect(captures).toEqual([]);
  });

  it('begins no thread with less than half a minute left', async () => {
    const { deps, captures } = setUp();

    const verdicts = await archiveBatch({ ...deps, remainingMs: () => 29_999 }, [queueRecord('r', {})]);

    expect(verdicts).toMatchObject([{ result: 'again', afterSeconds: 0, requeue: { waits: 1 } }]);
    expect(captures).toEqual([]);
  });
});

describe('a record', () => {
  const capturing = (outcome: Partial<CaptureOutcome>, queued: object, receiveCount = 1) =>
    archiveBatch(setUp(() => ({ ...archived, ...outcome })).deps, [queueRecord('r', queued, receiveCount)]);

  it('waits for a message that it names and HubSpot does not show yet, longer each time, as an entry of its own', async () => {
    const waits = [0, 1, 2, 6, 10].map(async (before) => {
      const queued = { messageIds: ['a', 'b'], waits: before, looks: 1 };
      const [verdict] = await capturing({ unseenMessageIds: ['b', 'x'] }, queued);
      return verdict;
    });

    expect(await Promise.all(waits)).toMatchObject(
      [5, 10, 20, 320, 900].map((afterSeconds, i) => ({
        result: 'again',
        reason: '1 messages not shown yet',
        afterSeconds,
        requeue: queuedThread({ messageIds: ['a', 'b'], waits: [1, 2, 3, 7, 11][i]!, looks: 2 }),
      })),
    );
  });

  it('does not wait for messages that only other records name', async () => {
    expect(await capturing({ unseenMessageIds: ['x'] }, { messageIds: ['a'] })).toMatchObject([
      { result: 'done', unseen: 0 },
    ]);
  });

  it('is done after nine fetches, and says how many messages it never saw', async () => {
    const unseen = { unseenMessageIds: ['a'] };

    expect(await capturing(unseen, { messageIds: ['a', 'b'], looks: 7 })).toMatchObject([
      { result: 'again' },
    ]);
    expect(await capturing(unseen, { messageIds: ['a', 'b'], looks: 8 })).toMatchObject([
      { result: 'done', unseen: 1 },
    ]);
  });

  it('of a thread that is not there waits too, and is done after nine fetches', async () => {
    expect(await capturing({ status: 'gone' }, {})).toMatchObject([
      { result: 'again', reason: 'no such thread yet', requeue: { looks: 1 } },
    ]);
    expect(await capturing({ status: 'gone' }, { looks: 8 })).toMatchObject([{ result: 'done' }]);
  });

  const failing = (error: Error, queued: object = {}, receiveCount = 1) =>
    archiveBatch(setUp(() => error).deps, [queueRecord('r', { receivedAt: NOW, ...queued }, receiveCount)]);
  const daily = new HubSpotError('HubSpot answered 429', {
    status: 429,
    retryAfterMs: 3_600_000,
    transient: true,
  });
  const down = new HubSpotError('HubSpot answered 502', { status: 502, transient: true });

  it.each([
    [new HubSpotError('HubSpot answered 423', { status: 423, retryAfterMs: 60_500, transient: true }), 61],
    [daily, 900],
    [down, 5],
    [new HubSpotError('HubSpot answered 401', { status: 401 }), 5],
    [new HubSpotError('HubSpot answered 403', { status: 403 }), 5],
    [new HubSpotError('HubSpot shows no threads of account 62515 at all', { status: 404 }), 5],
    [new ConfigError('no token for account 62515'), 5],
    [new StoreError('S3 answered 503 SlowDown to PUT threads/7.json', { status: 503 }), 5],
  ])("waits without spending a try when it is not the thread's fault: %s", async (error, afterSeconds) => {
    expect(await failing(error)).toMatchObject([
      {
        result: 'again',
        reason: `${error.name}: ${error.message}`,
        afterSeconds,
        requeue: { waits: 1, looks: 0 },
      },
    ]);
  });

  it('counts every try before, as this record and as those that it took the place of', async () => {
    expect(await failing(down, { waits: 2 }, 2)).toMatchObject([{ afterSeconds: 40, requeue: { waits: 4 } }]);
  });

  it.each([
    [{ status: 503, retryAfterMs: 0 }, [5, 40, 60, 60]],
    [{ status: 503, retryAfterMs: 30_000 }, [30, 40, 60, 60]],
    [{ status: 429, retryAfterMs: 300_000 }, [300, 300, 300, 300]],
    // Who is sent away without a call costs none.
    [{ retryAfterMs: 1_000 }, [1, 1, 1, 1]],
  ])(
    'waits longer than HubSpot says, up to a minute, when it says little time after time: %j',
    async (told, after) => {
      const error = new HubSpotError('HubSpot is in trouble', { ...told, transient: true });
      const waited = [];
      for (const waits of [0, 3, 4, 200]) waited.push(...(await failing(error, { waits })));

      expect(waited).toMatchObject(after.map((afterSeconds) => ({ afterSeconds })));
    },
  );

  it('spends its tries even on trouble of HubSpot when that has lasted two days', async () => {
    const [patient] = await failing(daily, { receivedAt: NOW - 2 * 86_400_000 });
    const [impatient] = await failing(daily, { receivedAt: NOW - 2 * 86_400_000 - 1 });

    expect(patient).toHaveProperty('requeue');
    expect(impatient).toMatchObject({ result: 'again', afterSeconds: 900 });
    expect(impatient).not.toHaveProperty('requeue');
  });

  it.each([
    new HubSpotError('HubSpot answered 400', { status: 400 }),
    new HubSpotError("HubSpot's answer is not JSON"),
    new CorruptArchiveError('threads/7.json is not a thread record'),
  ])("spends a try when it is the thread's own: %s", async (error) => {
    const [verdict] = await failing(error);

    expect(verdict).toMatchObject({
      result: 'again',
      reason: `${error.name}: ${error.message}`,
      afterSeconds: 5,
      thread: { portalId: '62515', threadId: '7' },
    });
    expect(verdict).not.toHaveProperty('requeue');
  });

  it.each([
    [new HubSpotError('HubSpot answered 400', { status: 400 }), { errorClass: 'HubSpotError', status: 400 }],
    [new CorruptArchiveError('threads/7.json is not a thread record'), { errorClass: 'CorruptArchiveError' }],
  ])(
    "is set aside at its last try when it is the thread's own, with why and where: %s",
    async (error, more) => {
      const [ninth] = await failing(error, {}, 9);
      const [tenth] = await failing(error, {}, 10);

      expect(ninth).toMatchObject({ result: 'again' });
      expect(tenth).toEqual({
        record: queueRecord('r', { receivedAt: NOW }, 10),
        thread: { portalId: '62515', threadId: '7' },
        result: 'dead',
        fault: {
          reason: `${error.name}: ${error.message}`,
          requestId: 'request-1',
          receiveCount: 10,
          ...more,
        },
      });
    },
  );

  it("waits even at its last try when it is not the thread's fault", async () => {
    expect(await failing(down, {}, 10)).toMatchObject([{ result: 'again', requeue: { waits: 10 } }]);
  });

  it('that fails for a reason of others says only what kind it is', async () => {
    const verdicts = await archiveBatch(setUp(() => new TypeError('text of a message')).deps, [
      queueRecord('r', {}),
    ]);

    expect(verdicts).toMatchObject([{ result: 'again', reason: 'TypeError' }]);
  });
});
