import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueueError } from '../../../functions/errors.ts';
import { type QueuedThread } from '../../../functions/thread-queue/queued-thread.ts';
import { routeOf } from '../../../functions/thread-queue/route.ts';
import { createReceiveWebhook, type WebhookRequest } from '../../../functions/webhook/receive.ts';
import {
  CLIENT_SECRET,
  newMessageEvent,
  signature,
  SIGNED_AT,
  webhookRequest,
} from '../../support/webhook.ts';

function setUp({
  secrets = [{ current: CLIENT_SECRET }],
  sendError,
}: {
  secrets?: { current: string; previous?: string }[];
  sendError?: Error;
} = {}) {
  const queued: QueuedThread[] = [];
  let secretReads = 0;
  let cached = secrets[0]!;
  const receive = createReceiveWebhook({
    portals: ['62515'],
    clientSecret: (options) => {
      secretReads++;
      if (options?.fresh === true) cached = secrets.at(-1)!;
      return Promise.resolve(cached);
    },
    sendThreads: (threads) => {
      if (sendError !== undefined) return Promise.reject(sendError);
      queued.push(...threads);
      return Promise.resolve();
    },
    now: () => SIGNED_AT + 1_000,
  });
  return { receive, queued, secretReads: () => secretReads };
}

const withHeaders = (
  request: WebhookRequest,
  headers: Record<string, string | undefined>,
): WebhookRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

describe('a webhook', () => {
  it('puts each thread on the queue once, with what its events say', async () => {
    const { receive, queued } = setUp();
    const events = [
      newMessageEvent({ messageId: 'a', occurredAt: SIGNED_AT - 7 }),
      newMessageEvent({ messageId: 'b', occurredAt: SIGNED_AT - 5 }),
      newMessageEvent({ messageId: 'a', occurredAt: SIGNED_AT - 6, attemptNumber: 1 }),
      newMessageEvent({ objectId: '77', subscriptionType: 'conversation.creation', messageId: undefined }),
    ];

    const answer = await receive(webhookRequest(events));

    expect(answer).toEqual({
      status: 200,
      body: '{"status":"ok"}',
      outcome: { result: 'accepted', events: 4, threads: 2, ignored: [] },
    });
    const common = {
      version: 1,
      portalId: '62515',
      receivedAt: SIGNED_AT + 1_000,
      requestId: 'request-1',
      waits: 0,
      looks: 0,
    };
    expect(queued).toEqual([
      {
        ...common,
        threadId: '6065362089',
        messageIds: ['a', 'b'],
        reasons: ['conversation.newMessage'],
        occurredAt: SIGNED_AT - 5,
      },
      {
        ...common,
        threadId: '77',
        messageIds: [],
        reasons: ['conversation.creation'],
        occurredAt: SIGNED_AT - 1_000,
      },
    ]);
  });

  it('sends the deletions of a thread by roads of their own', async () => {
    const { receive, queued } = setUp();
    const kinds = ['newMessage', 'deletion', 'privacyDeletion', 'propertyChange', 'deletion'];

    await receive(
      webhookRequest(kinds.map((kind) => newMessageEvent({ subscriptionType: `conversation.${kind}` }))),
    );

    expect(queued.map(({ reasons }) => [reasons, routeOf(reasons[0])])).toEqual([
      [['conversation.newMessage', 'conversation.propertyChange'], 'ordinary'],
      [['conversation.deletion'], 'urgent'],
      [['conversation.privacyDeletion'], 'erasure'],
    ]);
  });

  it.each(['creation', 'newMessage', 'propertyChange', 'deletion', 'privacyDeletion'])(
    'of a conversation.%s event queues its thread',
    async (kind) => {
      const { receive, queued } = setUp();

      await receive(webhookRequest([newMessageEvent({ subscriptionType: `conversation.${kind}` })]));

      expect(queued).toMatchObject([{ threadId: '6065362089', reasons: [`conversation.${kind}`] }]);
    },
  );

  const NOW = SIGNED_AT + 1_000;
  it.each([
    ['that does not say when it happened', undefined, NOW],
    ['that happened at null', null, NOW],
    ['of a negative time', -1, NOW],
    ['whose time is in seconds', SIGNED_AT / 1000, NOW],
    ['of a week and a millisecond ago', NOW - 7 * 86_400_000 - 1, NOW],
    ['of five minutes and a millisecond from now', NOW + 300_001, NOW],
    ['of a time beyond all clocks', 1e300, NOW],
    ['of a week ago', NOW - 7 * 86_400_000, NOW - 7 * 86_400_000],
    ['of five minutes from now', NOW + 300_000, NOW + 300_000],
  ])('dates an event %s no earlier than it may be', async (_, occurredAt, dated) => {
    const { receive, queued } = setUp();

    await receive(webhookRequest([newMessageEvent({ occurredAt })]));

    expect(queued).toMatchObject([{ occurredAt: dated }]);
  });

  it('tells of an ignored event its numbers and the name of its type, and no other text', async () => {
    const { receive } = setUp();
    const events = [
      newMessageEvent({ subscriptionType: 'line_item.propertyChange' }),
      newMessageEvent({
        subscriptionType: 'Words of a person',
        portalId: 'Somebody',
        eventId: 'a@example.org',
      }),
      newMessageEvent({ subscriptionType: 'x', portalId: '9'.repeat(21), eventId: undefined }),
    ];

    const { outcome } = await receive(webhookRequest(events));

    expect(outcome).toMatchObject({
      ignored: [
        { type: 'line_item.propertyChange', portalId: '62515', eventId: '3269195544' },
        { type: 'unknown', portalId: 'unknown', eventId: 'unknown' },
        { type: 'unknown', portalId: 'unknown', eventId: undefined },
      ],
    });
  });

  it.each([
    ['another kind', { subscriptionType: 'contact.creation' }],
    ['another account', { portalId: 1 }],
    ['a thread id that is no id', { objectId: '../x' }],
  ])('with an event of %s is answered 2xx and the event named, nothing queued', async (_, change) => {
    const { receive, queued } = setUp();
    const event = newMessageEvent(change);

    const { status, outcome } = await receive(webhookRequest([event]));

    expect(status).toBe(200);
    expect(outcome).toMatchObject({
      threads: 0,
      ignored: [
        { type: event['subscriptionType'], portalId: String(event['portalId']), eventId: '3269195544' },
      ],
    });
    expect(queued).toEqual([]);
  });

  it.each([
    ['the content type of another JSON', { 'content-type': 'application/json; charset=utf-8' }],
    ['no content type', { 'content-type': undefined }],
    ['identity encoding', { 'content-encoding': 'identity' }],
  ])('is taken with %s', async (_, headers) => {
    const { receive, queued } = setUp();

    expect((await receive(withHeaders(webhookRequest([newMessageEvent()]), headers))).status).toBe(200);

    expect(queued).toHaveLength(1);
  });

  it('signed with the previous secret is taken while a rotation lasts', async () => {
    const { receive } = setUp({ secrets: [{ current: 'new', previous: CLIENT_SECRET }] });

    expect((await receive(webhookRequest([newMessageEvent()]))).status).toBe(200);
  });

  it('signed with a secret that was rotated a moment ago is taken', async () => {
    const { receive } = setUp({ secrets: [{ current: 'old' }, { current: CLIENT_SECRET }] });

    expect((await receive(webhookRequest([newMessageEvent()]))).status).toBe(200);
  });

  it('is answered 503, for HubSpot to repeat, when the queue did not take everything', async () => {
    const { receive } = setUp({ sendError: new QueueError('SQS refused 1 of 2 entries: InternalError') });

    expect(await receive(webhookRequest([newMessageEvent()]))).toEqual({
      status: 503,
      body: '{"status":"try again later"}',
      outcome: { result: 'failed', reason: 'QueueError: SQS refused 1 of 2 entries: InternalError' },
    });
  });
});

describe('a request that is not a webhook of HubSpot', () => {
  const valid = webhookRequest([newMessageEvent()]);
  const large = Buffer.alloc(1_048_577, ' ');
  const signed = (text: string) => webhookRequest(Buffer.from(text));

  it.each<[string, number, string, WebhookRequest]>([
    ['another method', 405, 'method', { ...valid, method: 'GET' }],
    ['more than 1 MiB', 413, 'size', webhookRequest(large)],
    ['a compressed body', 415, 'content encoding', withHeaders(valid, { 'content-encoding': 'gzip' })],
    [
      'a form',
      415,
      'content type',
      withHeaders(valid, { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    [
      'a multipart body',
      415,
      'content type',
      withHeaders(valid, { 'content-type': 'multipart/form-data; boundary=x' }),
    ],
    ['no signature', 401, 'missing', withHeaders(valid, { 'x-hubspot-signature-v3': undefined })],
    [
      'the v1 signature alone',
      401,
      'missing',
      withHeaders(valid, { 'x-hubspot-signature-v3': undefined, 'x-hubspot-signature': 'ab' }),
    ],
    ['no timestamp', 401, 'missing', withHeaders(valid, { 'x-hubspot-request-timestamp': undefined })],
    ['a signature of no form', 401, 'malformed', withHeaders(valid, { 'x-hubspot-signature-v3': 'x' })],
    [
      'an old timestamp',
      401,
      'stale',
      withHeaders(valid, { 'x-hubspot-request-timestamp': String(SIGNED_AT - 300_000) }),
    ],
    ['another body', 401, 'mismatch', { ...valid, body: Buffer.from('[]') }],
    ['another URL', 401, 'mismatch', { ...valid, url: 'https://example.com/webhook' }],
    [
      'a signature of another secret',
      401,
      'mismatch',
      withHeaders(valid, { 'x-hubspot-signature-v3': signature({ ...valid, secret: 'other' }) }),
    ],
    ['a signed body that is no JSON', 400, 'the body is not JSON in UTF-8', signed('nonsense')],
    ['a signed object', 400, 'not a batch of events at: body (invalid_type)', signed('{}')],
  ])(
    'because of %s is answered %i and a fixed phrase, and nothing is queued',
    async (_, status, reason, request) => {
      const { receive, queued } = setUp();

      const answer = await receive(request);

      expect(answer).toMatchObject({
        status,
        outcome: { result: status === 400 ? 'malformed' : 'refused', reason },
      });
      expect(answer.body).toMatch(/^\{"status":"[a-z ]+"\}$/);
      expect(queued).toEqual([]);
    },
  );

  it('costs no look at the secret before both headers are well formed and recent', async () => {
    const { receive, secretReads } = setUp();

    await receive(withHeaders(valid, { 'x-hubspot-signature-v3': 'x' }));
    await receive(withHeaders(valid, { 'x-hubspot-request-timestamp': '1' }));

    expect(secretReads()).toBe(0);
  });

  it('never gets more than a refusal, whatever it sends', async () => {
    const { receive, queued } = setUp();
    const headers = fc.dictionary(
      fc.constantFrom(
        'x-hubspot-signature-v3',
        'x-hubspot-request-timestamp',
        'content-type',
        'content-encoding',
      ),
      fc.oneof(
        fc.string(),
        fc.base64String({ minLength: 44, maxLength: 44 }),
        fc.constant(String(SIGNED_AT)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(headers, fc.uint8Array(), fc.string(), async (some, bytes, method) => {
        const { status } = await receive({ ...valid, headers: some, body: Buffer.from(bytes), method });
        expect([401, 405, 415]).toContain(status);
      }),
    );
    expect(queued).toEqual([]);
  });
});
