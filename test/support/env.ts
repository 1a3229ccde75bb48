import {
  type ArchiveThreadEnv,
  type EraseThreadEnv,
  type ReceiveWebhookEnv,
  type SweepThreadsEnv,
  type WriteDigestEnv,
} from '../../functions/env.ts';

/** What the stack sets for receive-webhook. */
export const RECEIVE_WEBHOOK_ENV = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/threads',
  URGENT_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/urgent-threads',
  ERASURE_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/erasures',
  CLIENT_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:client',
} satisfies ReceiveWebhookEnv;

/** What the stack sets for archive-thread. */
export const ARCHIVE_THREAD_ENV = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/threads',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters',
  MAX_RECEIVE_COUNT: '10',
  ARCHIVE_BUCKET: 'archive-bucket',
  ACCESS_TOKENS_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens',
  HUBSPOT_API_URL: 'https://api.hubapi.com',
  HUBSPOT_API_VERSION: 'v3',
  COALESCE_SECONDS: '15',
  ATTACHMENTS: 'true',
  ATTACHMENT_MAX_MEGABYTES: '100',
  REQUESTS_PER_SECOND: '5',
} satisfies ArchiveThreadEnv;

/** What the stack sets for erase-thread. */
export const ERASE_THREAD_ENV = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/erasures',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters',
  MAX_RECEIVE_COUNT: '10',
  ARCHIVE_BUCKET: 'archive-bucket',
  PRIVACY_DELETION: 'erase',
} satisfies EraseThreadEnv;

/** What the stack sets for sweep-threads. */
export const SWEEP_THREADS_ENV = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/threads',
  URGENT_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/urgent-threads',
  ARCHIVE_BUCKET: 'archive-bucket',
  ACCESS_TOKENS_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens',
  HUBSPOT_API_URL: 'https://api.hubapi.com',
  HUBSPOT_API_VERSION: 'v3',
  COALESCE_SECONDS: '15',
  REQUESTS_PER_SECOND: '1',
  SWEEP_MINUTES: '60',
  FULL_SWEEP_DAYS: '7',
  FULL_SWEEP_WINDOW_DAYS: '30',
} satisfies SweepThreadsEnv;

/** What the stack sets for write-digest. */
export const WRITE_DIGEST_ENV = {
  ARCHIVE_BUCKET: 'archive-bucket',
  CHANGES_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/changes',
  DIGEST_KEY_ARN: 'arn:aws:kms:eu-central-1:123456789012:key/digests',
} satisfies WriteDigestEnv;
