import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../functions/errors.ts';
import { accessTokensSchema, clientSecretSchema, createSecret } from '../../functions/secrets.ts';

function setUp(...texts: (string | Error)[]) {
  let now = 1_000_000;
  let reads = 0;
  const read = () => {
    const text = texts[Math.min(reads++, texts.length - 1)]!;
    return text instanceof Error ? Promise.reject(text) : Promise.resolve(text);
  };
  const secret = createSecret(read, { name: 'client secret', schema: clientSecretSchema, now: () => now });
  return { secret, reads: () => reads, wait: (ms: number) => (now += ms) };
}

const UNREADABLE = new ConfigError('the secret client secret cannot be read: ThrottlingException');

describe('a secret', () => {
  it('is read once in five minutes, by all who ask at once', async () => {
    const { secret, reads, wait } = setUp('{"current":"a"}', '{"current":"b","previous":"a"}');

    expect(await Promise.all([secret(), secret()])).toEqual([{ current: 'a' }, { current: 'a' }]);
    wait(300_000);
    expect(await secret()).toEqual({ current: 'a' });
    expect(reads()).toBe(1);

    wait(1);
    expect(await secret()).toEqual({ current: 'b', previous: 'a' });
  });

  it('is read again when the cached one was refused, though not more often than every 30 s', async () => {
    const { secret, reads, wait } = setUp('{"current":"a"}', '{"current":"b"}');
    await secret();

    expect(await secret({ fresh: true })).toEqual({ current: 'a' });
    wait(30_001);
    expect(await secret({ fresh: true })).toEqual({ current: 'b' });
    await Promise.all([secret({ fresh: true }), secret({ fresh: true })]);

    expect(reads()).toBe(2);
  });

  it('that could not be read is asked for again after five seconds', async () => {
    const { secret, reads, wait } = setUp(
      Object.assign(new Error('pa$$word'), { name: 'ThrottlingException' }),
      '{"current":"a"}',
    );
    const ask = () => secret({ fresh: true });

    await expect(Promise.all([ask(), ask()])).rejects.toThrow(UNREADABLE);
    wait(5_000);
    await expect(ask()).rejects.toThrow(UNREADABLE);
    expect(reads()).toBe(1);

    wait(1);
    expect(await ask()).toEqual({ current: 'a' });
  });

  it.each([
    ['cannot be read', new Error('throttled')],
    ['is no secret', 'nonsense'],
  ])('that %s any more counts as before for an hour, and is asked for every 30 s', async (_, failure) => {
    const { secret, reads, wait } = setUp('{"current":"a"}', failure);
    await secret();

    wait(300_001);
    expect(await secret()).toEqual({ current: 'a' });
    wait(30_000);
    expect(await secret()).toEqual({ current: 'a' });
    expect(reads()).toBe(2);
    wait(1);
    expect(await secret({ fresh: true })).toEqual({ current: 'a' });
    expect(reads()).toBe(3);

    wait(3_600_000 - 330_002);
    expect(await secret()).toEqual({ current: 'a' });
    wait(30_001);
    await expect(secret()).rejects.toThrow();
  });

  it('that can be read again after a failure counts from then on', async () => {
    const { secret, wait } = setUp('{"current":"a"}', new Error('throttled'), '{"current":"b"}');
    await secret();
    wait(300_001);
    await secret();

    wait(30_001);

    expect(await secret()).toEqual({ current: 'b' });
  });

  it.each([
    ['pa$$word', 'the secret client secret is not JSON'],
    ['{"current":""}', 'the secret client secret has not the form it should, at: current'],
    ['{"currant":"pa$$word"}', 'at: current'],
    ['"pa$$word"', 'at: the whole value'],
    ['', 'is not JSON'],
  ])('that is %s is refused by name, without its value', async (text, message) => {
    const failure = await setUp(text)
      .secret()
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ name: 'ConfigError', message: expect.stringContaining(message) });
    expect(String(failure)).not.toContain('pa$$word');
  });

  it('of access tokens has a token for each account', async () => {
    const read = () => Promise.resolve('{"62515":"token"}');

    expect(await createSecret(read, { name: 'access tokens', schema: accessTokensSchema })()).toEqual({
      '62515': 'token',
    });
  });
});
