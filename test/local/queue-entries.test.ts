import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEntries, type QueueEntry, replayEntries } from '../../local/queue-entries.ts';

const id = fc.constantFrom('a', 'b', 'c');
const text = fc.string({ unit: 'binary' });
const fault = fc.record(
  { reason: text, errorClass: text, status: fc.nat(), requestId: text, receiveCount: fc.nat() },
  { requiredKeys: ['reason', 'errorClass', 'requestId', 'receiveCount'] },
);
const message = fc.record(
  {
    id,
    body: text,
    sentAt: fc.nat(),
    receives: fc.nat(),
    interruptions: fc.nat(),
    taken: fc.boolean(),
    reason: fc.option(text),
    fault,
    buriedAt: fc.option(fc.nat()),
  },
  { requiredKeys: ['id', 'body', 'sentAt', 'receives', 'interruptions', 'taken', 'reason', 'buriedAt'] },
);
const entry = fc.oneof<fc.Arbitrary<QueueEntry>[]>(
  fc.record({ op: fc.constant('put' as const), message }),
  fc.record({ op: fc.constant('take' as const), ids: fc.array(id) }),
  fc.record({ op: fc.constant('return' as const), id, reason: text }),
  fc.record(
    { op: fc.constant('bury' as const), id, reason: text, fault, at: fc.nat() },
    { requiredKeys: ['op', 'id', 'reason', 'at'] },
  ),
  fc.record({ op: fc.constant('remove' as const), id }),
);

const stateAfter = (entries: QueueEntry[]) => [...replayEntries(encodeEntries(entries)).messages.values()];

describe('the lines of a journal', () => {
  it('cut off anywhere still tell what the whole lines before the cut tell', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), fc.nat(), (entries, place) => {
        const bytes = encodeEntries(entries);
        const cut = place % (bytes.length + 1);
        const whole = entries.filter((_, i) => encodeEntries(entries.slice(0, i + 1)).length <= cut);

        const { messages, unreadable } = replayEntries(bytes.subarray(0, cut));

        expect([...messages.values()]).toEqual(stateAfter(whole));
        expect(unreadable).toBe(cut === encodeEntries(whole).length ? 0 : 1);
      }),
    );
  });

  it('tell the same when they are written anew', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const messages = stateAfter(entries);

        expect(stateAfter(messages.map((each) => ({ op: 'put', message: each })))).toEqual(messages);
      }),
    );
  });

  it('count a message as taken once for each time', () => {
    const [fresh] = fc.sample(message, 1);
    const put = { op: 'put' as const, message: { ...fresh!, id: 'a', receives: 0, taken: false } };
    const take = { op: 'take' as const, ids: ['a'] };

    expect(stateAfter([put, take, { op: 'return', id: 'a', reason: 'x' }, take])).toMatchObject([
      { receives: 2, taken: true, reason: 'x' },
    ]);
  });
});
