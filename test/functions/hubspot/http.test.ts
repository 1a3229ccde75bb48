import { describe, expect, it } from 'vitest';
import { createHubSpotHttp } from '../../../functions/hubspot/http.ts';
import { createPacer } from '../../../functions/hubspot/pacer.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

type Answer = Response | Error;

/** A HubSpot that gives these answers in turn, and fails on a call too many. */
function hubSpotAnswering(...answers: Answer[]) {
  const clock = virtualClock();
  const calls: { url: string; authorization: string | null; at: number; init: RequestInit | undefined }[] =
    [];
  const tokens = ['cached-token', 'fresh-token'];
  const { get, post } = createHubSpotHttp({
    apiUrl: 'https://api.hubapi.com',
    accessToken: (_, options) => Promise.resolve(options?.fresh === true ? tokens[1]! : tokens[0]!),
    pacer: createPacer(Infinity, clock),
    clock,
    fetch: (input, init) => {
      const authorization = new Headers(init?.headers).get('authorization');
      calls.push({
        url: String(input instanceof Request ? input.url : input),
        authorization,
        at: clock.now(),
        init,
      });
      const answer = answers.shift();
      if (answer === undefined) throw new Error('a call too many');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { get, post, calls, clock };
}

const ok = () => new Response('{"results":[]}');
const refusal = (status: number, body = '{}', headers: Record<string, string> = {}) =>
  new Response(body, { status, headers });
const dailyLimit = JSON.stringify({ status: 'error', errorType: 'RATE_LIMIT', policyName: 'DAILY' });

describe('a GET of HubSpot', () => {
  it('gives the text of the answer, and sends the token to HubSpot alone', async () => {
    const { get, calls } = hubSpotAnswering(ok());

    expect((await get('1', '/conversations/v3/conversations/threads/7')).text).toBe('{"results":[]}');

    expect(calls).toMatchObject([
      {
        url: 'https://api.hubapi.com/conversations/v3/conversations/threads/7',
        authorization: 'Bearer cached-token',
        init: { redirect: 'error' },
      },
    ]);
    expect(calls[0]?.init?.signal).toBeInstanceOf(AbortSignal);
  });

  it('names the correlation id of a refusal when it is no more than an id', async () => {
    const about = (correlationId: string) => refusal(400, JSON.stringify({ correlationId }));

    await expect(hubSpotAnswering(about('ab-12')).get('1', '/x')).rejects.toThrow('(correlation id ab-12)');
    await expect(hubSpotAnswering(about('the name of Ann Doe')).get('1', '/x')).rejects.not.toThrow(
      'Ann Doe',
    );
  });

  it("says when by HubSpot's clock, and a quarter of an hour before ours where HubSpot does not say", async () => {
    const date = { date: 'Thu, 01 Jan 1970 00:05:56 GMT' };
    const { get, clock } = hubSpotAnswering(
      new Response('{}', { headers: date }),
      refusal(404, '{}', date),
      ok(),
    );
    await clock.sleep(1_000_000);

    expect((await get('1', '/threads/7')).answeredAt).toBe(356_000);
    expect((await get('1', '/threads/7')).answeredAt).toBe(356_000);
    expect((await get('1', '/threads/7')).answeredAt).toBe(100_000);
  });

  it('takes a time more than a quarter of an hour ahead of ours for none: it would count until it comes', async () => {
    const dated = (date: string) => new Response('{}', { headers: { date } });
    const { get, clock } = hubSpotAnswering(
      dated('Thu, 01 Jan 1970 00:31:40 GMT'),
      dated('Thu, 01 Jan 1970 00:31:41 GMT'),
      dated('Tue, 01 Jan 2031 00:00:00 GMT'),
    );
    await clock.sleep(1_000_000);

    expect((await get('1', '/threads/7')).answeredAt).toBe(1_900_000);
    expect((await get('1', '/threads/7')).answeredAt).toBe(100_000);
    expect((await get('1', '/threads/7')).answeredAt).toBe(100_000);
  });

  it('gives undefined for 404, without asking twice', async () => {
    const { get, calls } = hubSpotAnswering(refusal(404));

    expect((await get('1', '/threads/7')).text).toBeUndefined();

    expect(calls).toHaveLength(1);
  });

  it.each([423, 429, 477, 500, 502, 503, 504, 521, 523, 524])('tries again after %i', async (status) => {
    const { get, calls } = hubSpotAnswering(refusal(status, '<html>cdn</html>'), ok());

    expect((await get('1', '/threads/7')).text).toBe('{"results":[]}');

    expect(calls).toHaveLength(2);
  });

  it.each([400, 403, 405, 414])('does not try again after %i, and says what was refused', async (status) => {
    const body = '{"category":"X","correlationId":"8c5e1a4d","message":"about someone@example.com"}';
    const { get, calls } = hubSpotAnswering(refusal(status, body));

    await expect(get('1', '/threads/7')).rejects.toThrow(
      `HubSpot answered ${status} to GET /threads/7 of account 1 (correlation id 8c5e1a4d)`,
    );

    expect(calls).toHaveLength(1);
  });

  it('tries again when no whole answer came, and gives up after four calls', async () => {
    const reset = () => new TypeError('fetch failed');
    const { get, calls } = hubSpotAnswering(reset(), reset(), reset(), reset());

    await expect(get('1', '/threads/7')).rejects.toMatchObject({ name: 'HubSpotError', status: undefined });

    expect(calls.map((call) => call.at)).toEqual([0, 300, 900, 2_100]);
  });

  it('says why no whole answer came, as far as a code does', async () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND token.example'), { code: 'ENOTFOUND' });
    const lost = () => new TypeError('fetch failed', { cause });
    const { get } = hubSpotAnswering(lost(), lost(), lost(), lost());

    await expect(get('1', '/threads/7')).rejects.toThrow(
      /^no whole answer from HubSpot to GET \/threads\/7 of account 1: TypeError \(ENOTFOUND\)$/,
    );
  });

  it('waits as long as Retry-After says', async () => {
    const { get, calls } = hubSpotAnswering(refusal(429, '{}', { 'retry-after': '7' }), ok());

    await get('1', '/threads/7');

    expect(calls.map((call) => call.at)).toEqual([0, 7_000]);
  });

  it('waits a whole burst window after a 429 that names no time', async () => {
    const { get, calls } = hubSpotAnswering(refusal(429), ok());

    await get('1', '/threads/7');

    expect(calls.map((call) => call.at)).toEqual([0, 10_000]);
  });

  it('leaves a long wait to the queue, saying how long', async () => {
    const { get, calls } = hubSpotAnswering(refusal(477, '{}', { 'retry-after': '86400' }));

    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: 477, retryAfterMs: 86_400_000 });

    expect(calls).toHaveLength(1);
  });

  it('asks once an hour at most when the day is used up', async () => {
    const { get, calls } = hubSpotAnswering(refusal(429, dailyLimit));

    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: 429, retryAfterMs: 3_600_000 });

    expect(calls).toHaveLength(1);
  });

  it('reads the token once more after a 401, and no more than once', async () => {
    const { get, calls } = hubSpotAnswering(refusal(401), ok(), refusal(401), refusal(401));

    expect((await get('1', '/threads/7')).text).toBe('{"results":[]}');
    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: 401 });

    expect(calls.map((call) => call.authorization)).toEqual(
      ['cached', 'fresh', 'cached', 'fresh'].map((token) => `Bearer ${token}-token`),
    );
  });

  it('is not made while the day is used up, and once an hour after that', async () => {
    const { get, calls, clock } = hubSpotAnswering(refusal(429, dailyLimit), refusal(429, dailyLimit), ok());
    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: 429 });

    await expect(get('1', '/threads/8')).rejects.toMatchObject({
      status: undefined,
      retryAfterMs: 3_600_000,
    });
    await clock.sleep(3_600_000);
    await expect(get('1', '/threads/8')).rejects.toMatchObject({ status: 429 });
    await clock.sleep(3_600_000);
    expect((await get('1', '/threads/8')).text).toBe('{"results":[]}');

    expect(calls).toHaveLength(3);
  });

  it('is made once, and not four times, to find out whether HubSpot is back', async () => {
    const { get, calls, clock } = hubSpotAnswering(...Array.from({ length: 13 }, () => refusal(503)), ok());
    for (const path of ['/threads/7', '/threads/8', '/threads/9']) {
      await expect(get('1', path)).rejects.toMatchObject({ status: 503 });
    }

    await clock.sleep(30_000);
    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: 503 });
    expect(calls).toHaveLength(13);

    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: undefined, retryAfterMs: 60_000 });
    await clock.sleep(60_000);
    expect((await get('1', '/threads/7')).text).toBe('{"results":[]}');
  });

  it('that waits for its turn is not made any more when another one finds the day used up', async () => {
    const { get, calls } = hubSpotAnswering(refusal(502), refusal(429, dailyLimit));

    const [first, second] = await Promise.allSettled([get('1', '/threads/7'), get('1', '/threads/8')]);

    expect(first).toMatchObject({ status: 'rejected', reason: { retryAfterMs: expect.any(Number) } });
    expect(second).toMatchObject({ status: 'rejected', reason: { status: 429 } });
    expect(calls).toHaveLength(2);
  });

  it('is made for another account all the same', async () => {
    const { get } = hubSpotAnswering(refusal(429, dailyLimit), ok());
    await expect(get('1', '/threads/7')).rejects.toMatchObject({ status: 429 });

    expect((await get('2', '/threads/7')).text).toBe('{"results":[]}');
  });
});

describe('a POST of HubSpot', () => {
  it('sends JSON, and the token to HubSpot alone', async () => {
    const { post, calls } = hubSpotAnswering(new Response('{"results":[]}', { status: 207 }));

    expect((await post('1', '/actors/batch/read', { inputs: ['A-1'] })).text).toBe('{"results":[]}');

    const [{ url, authorization, init }] = calls as [(typeof calls)[number]];
    expect([url, authorization]).toEqual(['https://api.hubapi.com/actors/batch/read', 'Bearer cached-token']);
    expect(init).toMatchObject({ method: 'POST', body: '{"inputs":["A-1"]}', redirect: 'error' });
    expect(new Headers(init?.headers).get('content-type')).toBe('application/json');
  });

  it('is repeated as a GET is, with the same body', async () => {
    const { post, calls } = hubSpotAnswering(refusal(429), new TypeError('fetch failed'), refusal(401), ok());

    await post('1', '/actors/batch/read', { inputs: ['A-1'] });

    expect(calls.map(({ init }) => init?.body)).toEqual(Array(4).fill('{"inputs":["A-1"]}'));
    expect(calls.at(-1)?.authorization).toBe('Bearer fresh-token');
  });

  it('is named in errors without its body', async () => {
    const { post } = hubSpotAnswering(refusal(400, '{"message":"E-ann@example.com"}'));

    await expect(post('1', '/actors/batch/read', { inputs: ['E-ann@example.com'] })).rejects.toThrow(
      /^HubSpot answered 400 to POST \/actors\/batch\/read of account 1$/,
    );
  });

  it('that fails keeps no GET from being made, unless it is the rate that is used up', async () => {
    const down = () => refusal(503, '{}', { 'retry-after': '3600' });
    const { get, post } = hubSpotAnswering(down(), ok(), refusal(429, dailyLimit));

    await expect(post('1', '/actors/batch/read', {})).rejects.toMatchObject({ status: 503 });
    expect((await get('1', '/threads/7')).text).toBe('{"results":[]}');
    await expect(post('1', '/actors/batch/read', {})).rejects.toMatchObject({ status: 429 });

    await expect(get('1', '/threads/7')).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
  });
});
