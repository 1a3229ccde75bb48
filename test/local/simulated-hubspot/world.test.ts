import { describe, expect, it } from 'vitest';
import { ATTACHMENT_TYPES } from '../../../local/simulated-hubspot/attachments.ts';
import { addEntry, createThread } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { createRandom } from '../../../local/simulated-hubspot/random.ts';
import { SCRIPTS } from '../../../local/simulated-hubspot/scripts.ts';
import { allMessages } from '../../../local/simulated-hubspot/world.ts';
import { NOON, simulate } from './client.ts';

type Message = Record<string, unknown> & {
  type: string;
  id: string;
  text?: string;
  createdAt: string;
  attachments?: { type: string }[];
};

describe('randomness', () => {
  it('is the same for the same seed and label, whatever was drawn before', () => {
    const [fresh, used] = [createRandom(7), createRandom('7')];

    used.next();

    const draws = [1, 2, 3].map(() => fresh.fork('messages').next());
    expect([1, 2, 3].map(() => used.fork('messages').next())).toEqual(draws);
    expect(fresh.fork('other').next()).not.toBe(draws[0]);
  });

  it('spreads evenly over its range', () => {
    const random = createRandom('spread');

    const draws = Array.from({ length: 30_000 }, () => random.int(1, 3));

    for (const value of [1, 2, 3])
      expect(draws.filter((draw) => draw === value).length / 10_000).toBeCloseTo(1, 1);
  });
});

describe('a world', () => {
  it('is the same for the same seed, in whatever order its threads are filled', () => {
    const [one, other] = [simulate({ seed: 'a' }).world, simulate({ seed: 'a' }).world];
    const texts = (world: typeof one): string[] => [...allMessages(world)].map(({ json }) => json);

    for (const threadId of ['6065362089', '6065462092'])
      addOldThread(one, { threadId, entries: 50, days: 3 });
    for (const threadId of ['6065462092', '6065362089'])
      addOldThread(other, { threadId, entries: 50, days: 3 });

    expect(texts(one)).toEqual(texts(other));
    expect(texts(one)).toHaveLength(100);
  });

  it('differs from that of another seed', () => {
    const [one, other] = [simulate({ seed: 'a' }).world, simulate({ seed: 'b' }).world];

    for (const world of [one, other]) addOldThread(world, { threadId: '6065362089', entries: 1, days: 1 });

    expect([...allMessages(one)][0]?.json).not.toBe([...allMessages(other)][0]?.json);
  });

  it('has at least a dozen scripts with every slot filled', () => {
    const { world } = simulate();

    for (const channelId of ['1000', '1002'] as const)
      addOldThread(world, { entries: 2000, days: 30, channelId });

    const texts = [...allMessages(world)].map(({ json }) => json).join('\n');
    expect(SCRIPTS.length).toBeGreaterThanOrEqual(12);
    expect(new Set(SCRIPTS.map(({ lines }) => lines.length)).size).toBeGreaterThan(4);
    expect(texts).not.toMatch(/\{(first|last|email|company|city|agent|order|invoice|product|day|amount)\}/);
    expect(
      texts.match(/[\w.]+@[\w.]+\w/g)?.every((address) => /@example\.(com|org|net)$/.test(address)),
    ).toBe(true);
  });

  it('spreads an old thread over its days, oldest first, ending before now', () => {
    const { world } = simulate();

    addOldThread(world, { entries: 500, days: 20 });

    const times = [...allMessages(world)].map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(new Set(times.map((time) => new Date(time).toISOString().slice(0, 10))).size).toBe(21);
    expect(times.at(-1)).toBeLessThan(NOON);
    expect(times[0]).toBeGreaterThanOrEqual(NOON - 20 * 86_400_000);
  });
});

describe('the messages of a world', () => {
  const { world } = simulate();
  for (const channelId of ['1000', '1001', '1002', '1003'] as const)
    addOldThread(world, { entries: 4000, days: 60, channelId });
  const entries = [...allMessages(world)];
  const messages = entries.map(({ json }) => JSON.parse(json) as Message);
  const spoken = messages.filter(({ type }) => type === 'MESSAGE');
  const count = (matches: (message: Message) => boolean): number => spoken.filter(matches).length;

  it('are of every known type, and of one that is unknown', () => {
    const types = new Set(messages.map(({ type }) => type));

    const system = ['ASSIGNMENT', 'THREAD_STATUS_CHANGE', 'THREAD_INBOX_CHANGE', 'CALL_SUMMARY'];
    expect([...types].sort()).toEqual(['MESSAGE', 'COMMENT', 'WELCOME_MESSAGE', ...system].sort());
  });

  it('have the members that the specification requires of their type', () => {
    const common = [
      'archived',
      'client',
      'conversationsThreadId',
      'createdAt',
      'createdBy',
      'id',
      'recipients',
      'senders',
    ];
    const required: Record<string, string[]> = {
      MESSAGE: ['text', 'attachments', 'channelId', 'channelAccountId', 'direction', 'truncationStatus'],
      COMMENT: ['text', 'richText', 'attachments'],
      WELCOME_MESSAGE: ['text', 'channelId', 'channelAccountId'],
      THREAD_STATUS_CHANGE: ['newStatus'],
      THREAD_INBOX_CHANGE: ['fromInboxId', 'toInboxId'],
      CALL_SUMMARY: ['callId'],
    };

    const lacking = messages.filter((message) => {
      return [...common, ...(required[message.type] ?? [])].some((member) => message[member] === undefined);
    });

    expect(lacking).toEqual([]);
  });

  it('have ids of 32 hexadecimal digits, all different; some entries of the system have UUIDs', () => {
    const isHex = (id: string): boolean => /^[0-9a-f]{32}$/.test(id);
    const isUuid = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);

    expect(new Set(messages.map(({ id }) => id)).size).toBe(16_000);
    expect(spoken.every(({ id }) => isHex(id))).toBe(true);
    const changes = messages.filter(({ type }) => type === 'THREAD_STATUS_CHANGE');
    expect(changes.some(({ id }) => isUuid(id))).toBe(true);
    expect(changes.every(({ id }) => isHex(id) || isUuid(id))).toBe(true);
  });

  it('have instants with milliseconds, and some of whole seconds without', () => {
    const withMs = messages.filter(({ createdAt }) => /T\d\d:\d\d:\d\d\.\d{3}Z$/.test(createdAt));
    const without = messages.filter(({ createdAt }) => /T\d\d:\d\d:\d\dZ$/.test(createdAt));

    expect(withMs.length + without.length).toBe(16_000);
    expect(without.length).toBeGreaterThan(400);
    expect(
      entries.every(({ createdAt, json }) => json.includes(new Date(createdAt).toISOString().slice(0, 19))),
    ).toBe(true);
  });

  it('keep every digit of integers beyond 2^53, as JSON numbers', () => {
    const calls = entries.filter(({ type }) => type === 'CALL_SUMMARY');

    expect(calls.length).toBeGreaterThan(20);
    expect(calls.every(({ json }) => json.includes('"callId":9007199254740993,'))).toBe(true);
  });

  it('have all eight kinds of attachment', () => {
    const kinds = new Set(spoken.flatMap(({ attachments = [] }) => attachments.map(({ type }) => type)));

    expect([...kinds].sort()).toEqual([...ATTACHMENT_TYPES].sort());
  });

  it('are in a share cut off, with an original that is longer and sometimes has rich text only', () => {
    const cut = entries.filter(({ json }) => json.includes('"truncationStatus":"TRUNCATED'));
    const originals = cut.map((entry) => entry.compose());

    expect(count(({ truncationStatus }) => truncationStatus === 'TRUNCATED')).toBeGreaterThan(50);
    expect(
      count(({ truncationStatus }) => truncationStatus === 'TRUNCATED_TO_MOST_RECENT_REPLY'),
    ).toBeGreaterThan(50);
    for (const { fields, original } of originals) {
      expect((original!['richText'] as string).length).toBeGreaterThan((fields['richText'] as string).length);
    }
    const richOnly = originals.filter(({ original }) => original?.['text'] === undefined);
    expect(richOnly.length).toBeGreaterThan(20);
    expect(richOnly.length).toBeLessThan(cut.length / 2);
  });

  it.each<[string, (message: Message) => boolean]>([
    ['an empty text beside rich text', ({ text, richText }) => text === '' && richText !== undefined],
    ['no updatedAt', ({ updatedAt }) => updatedAt === undefined],
    ['no rich text', ({ richText }) => richText === undefined],
    [
      'a sender without a name',
      ({ senders }) =>
        JSON.stringify(senders).includes('actorId') && !JSON.stringify(senders).includes('"name"'),
    ],
    [
      'delivery identifiers in the plural',
      ({ senders }) => JSON.stringify(senders).includes('"deliveryIdentifiers":['),
    ],
    ['an e-mail actor', ({ senders }) => JSON.stringify(senders).includes('"actorId":"E-')],
    ['a member that no specification names', (message) => 'sentiment' in message],
    [
      'an integer as integrationAppId',
      ({ client }) => JSON.stringify(client).includes('"integrationAppId":2438486'),
    ],
    ['a subject', ({ subject }) => typeof subject === 'string'],
    ['an inReplyToId', ({ inReplyToId }) => typeof inReplyToId === 'string'],
    [
      'a delivery that failed, with details',
      ({ status }) => JSON.stringify(status ?? '').includes('"failureDetails":{'),
    ],
    [
      'an agent who shows as incoming',
      ({ createdBy, direction }) => String(createdBy).startsWith('A-') && direction === 'INCOMING',
    ],
    ['a joined emoji', ({ text }) => text?.includes('👩‍👩‍👧‍👦') === true],
    ['right-to-left text', ({ text }) => /[\u0590-\u06ff]/.test(text ?? '')],
    ['a line separator', ({ text }) => text?.includes('\u2028') === true],
  ])('now and then have %s', (_, matches) => {
    const found = count(matches);

    expect(found).toBeGreaterThan(5);
    expect(found).toBeLessThan(spoken.length * 0.8);
  });

  it('take up members that a test asks for', () => {
    const hubspot = simulate();
    const { threadId } = createThread(hubspot.world);

    addEntry(
      hubspot.world,
      threadId,
      { type: 'COMMENT', text: 'x' },
      { fields: { text: 'mine', huge: 12345678901234567890n } },
    );

    const json = [...allMessages(hubspot.world)][0]?.json;
    expect(json).toContain('"text":"mine"');
    expect(json).toContain('"huge":12345678901234567890');
  });
});
