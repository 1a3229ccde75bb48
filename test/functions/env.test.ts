import { describe, expect, it } from 'vitest';
import { archiveThreadEnvSchema, loadEnv, receiveWebhookEnvSchema } from '../../functions/env.ts';
import { ARCHIVE_THREAD_ENV, RECEIVE_WEBHOOK_ENV } from '../support/env.ts';

describe('the environment', () => {
  it('is read into what the functions use', () => {
    expect(
      loadEnv(receiveWebhookEnvSchema, { ...RECEIVE_WEBHOOK_ENV, PORTALS: '62515, 62516' }),
    ).toMatchObject({
      PORTALS: ['62515', '62516'],
    });
    expect(loadEnv(archiveThreadEnvSchema, ARCHIVE_THREAD_ENV)).toMatchObject({
      REQUESTS_PER_SECOND: 5,
      MAX_RECEIVE_COUNT: 10,
    });
  });

  it.each([
    ['PORTALS', ''],
    ['THREAD_QUEUE_URL', 'threads'],
    ['THREAD_QUEUE_URL', undefined],
    ['DEAD_LETTER_QUEUE_URL', undefined],
    ['MAX_RECEIVE_COUNT', '0'],
    ['MAX_RECEIVE_COUNT', '9.5'],
    ['MAX_RECEIVE_COUNT', undefined],
    ['ARCHIVE_BUCKET', ''],
    ['ACCESS_TOKENS_ARN', undefined],
    ['HUBSPOT_API_URL', 'api'],
    ['HUBSPOT_API_VERSION', 'v4'],
    ['COALESCE_SECONDS', '-1'],
    ['REQUESTS_PER_SECOND', '0'],
    ['REQUESTS_PER_SECOND', 'many'],
  ])('is refused by the name of %s when that is %j', (name, value) => {
    const env = { ...ARCHIVE_THREAD_ENV, [name]: value };

    expect(() => loadEnv(archiveThreadEnvSchema, env)).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: `environment variables missing or unusable: ${name}`,
      }),
    );
  });

  it('names all that is wrong at once', () => {
    expect(() => loadEnv(receiveWebhookEnvSchema, {})).toThrow(
      'PORTALS, THREAD_QUEUE_URL, URGENT_QUEUE_URL, ERASURE_QUEUE_URL, CLIENT_SECRET_ARN',
    );
  });
});
