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

  it('that could not be read is asked for again at once', async () => {
    const throttled = Object.assign(new Error('pa$$word'), { name: 'ThrottlingException' });
    const { secret } = setUp(throttled, '{"current":"a"}');

    await expect(secret()).rejects.toThrow(
      new ConfigError('the secret client secret cannot be read: ThrottlingException'),
    );

    expect(await secret()).toEqual({ current: 'a' });
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
