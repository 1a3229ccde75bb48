import { afterEach, describe, expect, it } from 'vitest';
import { type Fault } from '../../../local/simulated-hubspot/faults.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { type RunningServer } from '../../../local/simulated-hubspot/server.ts';
import { SIMULATED_ACCESS_TOKEN } from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { call, NOON, simulate, V3 } from './client.ts';

const PATH = `${V3}/inboxes`;

describe('the rolling limit', () => {
  it('refuses the call after the last allowed one, until 10 s after the first', () => {
    const hubspot = simulate({ rateLimits: { tenSecondly: 3 } });
    const statuses = [0, 1000, 2000, 9999, 10_000, 10_500, 11_000].map((ms) => {
      hubspot.clock.now = NOON + ms;
      return call(hubspot, PATH).status;
    });

    expect(statuses).toEqual([200, 200, 200, 429, 200, 429, 200]);
  });

  it('says so in the documented body, without Retry-After unless asked for', () => {
    const [silent, telling] = [false, true].map((retryAfter) => {
      const hubspot = simulate({ rateLimits: { tenSecondly: 1, retryAfter } });
      call(hubspot, PATH);
      hubspot.clock.now += 2500;
      return call(hubspot, PATH);
    });

    expect(silent?.json).toMatchObject({
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    });
    expect(silent?.headers).not.toHaveProperty('retry-after');
    expect(telling?.headers['retry-after']).toBe('8');
  });

  it('is told in the headers of every answer', () => {
    const hubspot = simulate({ rateLimits: { tenSecondly: 3, daily: 1000 } });
    const remaining = (path: string): (string | undefined)[] => {
      const { headers } = call(hubspot, path);
      return ['max', 'remaining', 'interval-milliseconds', 'daily', 'daily-remaining'].map(
        (name) => headers[`x-hubspot-ratelimit-${name}`],
      );
    };

    expect(remaining(PATH)).toEqual(['3', '2', '10000', '1000', '999']);
    expect(remaining(`${V3}/threads/1`)).toEqual(['3', '1', '10000', '1000', '998']);
    hubspot.faults.next(1, { kind: 'status', status: 503 });
    expect(remaining(PATH)).toEqual(['3', '0', '10000', '1000', '997']);
    expect(remaining(PATH)).toEqual(['3', '0', '10000', '1000', '997']);
  });
});

describe('the daily limit', () => {
  it('holds until midnight in the account’s time zone', () => {
    const hubspot = simulate({ rateLimits: { daily: 2, timeZone: 'Asia/Tokyo' } }); // 21:00 there
    const statuses = [0, 1, 2, 2.99, 3].map((hours) => {
      hubspot.clock.now = NOON + hours * 3_600_000;
      return call(hubspot, PATH);
    });

    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429, 429, 200]);
    expect(statuses[2]?.json).toMatchObject({
      policyName: 'DAILY',
      message: 'You have reached your daily limit.',
    });
  });
});

describe('the log', () => {
  it('has every call with its status, and counts them', () => {
    const hubspot = simulate({ rateLimits: { tenSecondly: 3 } });

    for (const path of [`${PATH}?limit=5`, `${V3}/threads/1`, PATH, PATH]) call(hubspot, path);

    expect(hubspot.log.calls[0]).toEqual({
      method: 'GET',
      path: PATH,
      query: '?limit=5',
      status: 200,
      at: NOON,
      carriedToken: true,
    });
    expect([hubspot.log.count(), hubspot.log.count(/inboxes/), hubspot.log.count(/inboxes/, 429)]).toEqual([
      4, 3, 1,
    ]);
    hubspot.log.clear();
    expect(hubspot.log.count()).toBe(0);
  });
});

describe('a fault', () => {
  it.each([423, 477, 500, 502, 503, 521])('answers %i to as many calls as asked for', (status) => {
    const hubspot = simulate();

    hubspot.faults.next(2, { kind: 'status', status, retryAfterSeconds: 7 });

    const answers = [1, 2, 3].map(() => call(hubspot, PATH));
    expect(answers.map((answer) => answer.status)).toEqual([status, status, 200]);
    expect(answers[0]?.headers['retry-after']).toBe('7');
    expect(answers[0]?.text.startsWith('<!DOCTYPE html>')).toBe(status === 521);
  });

  it('is for the calls whose path matches', () => {
    const hubspot = simulate();

    hubspot.faults.next(1, { kind: 'status', status: 500 }, /\/channels$/);

    expect([PATH, `${V3}/channels`, `${V3}/channels`].map((path) => call(hubspot, path).status)).toEqual([
      200, 500, 200,
    ]);
  });

  it('is an HTML page on request', () => {
    const hubspot = simulate();

    hubspot.faults.next(1, { kind: 'status', status: 502, html: true });

    expect(call(hubspot, PATH)).toMatchObject({
      status: 502,
      headers: { 'content-type': 'text/html; charset=UTF-8' },
    });
  });

  it('can be forgotten', () => {
    const hubspot = simulate();
    hubspot.faults.next(9, { kind: 'status', status: 500 });

    hubspot.faults.clear();

    expect(call(hubspot, PATH).status).toBe(200);
  });

  it.each<[Fault['kind'], string]>([
    ['dropped', 'dropped'],
    ['cut', 'cut'],
    ['stalled', 'stalled'],
  ])('of the transport (%s) is told to a caller in the same process', (kind, transport) => {
    const hubspot = simulate();

    hubspot.faults.next(1, { kind } as Fault);

    const headers = { authorization: `Bearer ${SIMULATED_ACCESS_TOKEN}` };
    expect(hubspot.handle({ method: 'GET', path: PATH, headers }).transport).toBe(transport);
  });
});

describe('over HTTP', () => {
  let server: RunningServer | undefined;
  afterEach(() => server?.close());

  async function serve() {
    const hubspot = simulate();
    server = await hubspot.listen();
    const { url } = server;
    const get = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(url + path, { headers: { authorization: `Bearer ${SIMULATED_ACCESS_TOKEN}` }, ...init });
    return { hubspot, get, url };
  }

  it('the same answers are given, non-ASCII text and headers included', async () => {
    const { hubspot, get } = await serve();
    const threadId = addOldThread(hubspot.world, { entries: 100, days: 2, channelId: '1002' });
    const path = `${V3}/threads/${threadId}/messages?sort=createdAt`;

    const response = await get(path);

    expect(await response.text()).toBe(call(hubspot, path).text);
    expect(response.headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(response.headers.get('x-hubspot-ratelimit-max')).toBe('190');
    expect((await get(path, { headers: {} })).status).toBe(401);
  });

  it('actors are read in a batch', async () => {
    const { get, url } = await serve();
    const init = { method: 'POST', body: '{"inputs":["S-hubspot","A-1"]}' };

    const headers = { authorization: `Bearer ${SIMULATED_ACCESS_TOKEN}`, 'content-type': 'application/json' };
    const response = await get(`${V3}/actors/batch/read`, { ...init, headers });

    expect(response.status).toBe(207);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('a file is downloaded from the URL that was signed', async () => {
    const { hubspot, get } = await serve();
    addOldThread(hubspot.world, { entries: 200, days: 2 });
    const [file] = [...hubspot.world.files.values()];

    const signed = (await (await get(`/files/v3/files/${file!.fileId}/signed-url`)).json()) as {
      url: string;
      size: number;
    };
    const bytes = await (await fetch(signed.url)).arrayBuffer();

    expect(bytes.byteLength).toBe(signed.size);
  });

  it('a truncated answer is a whole answer with broken JSON', async () => {
    const { hubspot, get } = await serve();
    hubspot.faults.next(1, { kind: 'truncated' });

    const response = await get(PATH);

    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  it('a dropped connection gives no answer', async () => {
    const { hubspot, get } = await serve();
    hubspot.faults.next(1, { kind: 'dropped' });

    await expect(get(PATH)).rejects.toThrow('fetch failed');
    expect((await get(PATH)).status).toBe(200);
  });

  it('a cut connection gives half an answer', async () => {
    const { hubspot, get } = await serve();
    hubspot.faults.next(1, { kind: 'cut' });

    const response = await get(PATH);

    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('a stalled call gets no answer, and does not keep the server from closing', async () => {
    const { hubspot, get } = await serve();
    hubspot.faults.next(2, { kind: 'stalled' });

    await expect(get(PATH, { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
    const stalled = expect(get(PATH)).rejects.toThrow('fetch failed');
    await expect.poll(() => hubspot.log.count()).toBe(2);
    await server?.close();
    await stalled;
    server = undefined;
  });
});
