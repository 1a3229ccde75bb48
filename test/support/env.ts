import { type ArchiveThreadEnv, type ReceiveWebhookEnv } from '../../functions/env.ts';

/** What the stack sets for receive-webhook. */
export const RECEIVE_WEBHOOK_ENV = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/threads',
  CLIENT_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:client',
} satisfies ReceiveWebhookEnv;

/** What the stack sets for archive-thread. */
export const ARCHIVE_THREAD_ENV = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/threads',
  ARCHIVE_BUCKET: 'archive-bucket',
  ACCESS_TOKENS_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens',
  HUBSPOT_API_URL: 'https://api.hubapi.com',
  HUBSPOT_API_VERSION: 'v3',
  COALESCE_SECONDS: '15',
  ATTACHMENTS: 'true',
  ATTACHMENT_MAX_MEGABYTES: '100',
  REQUESTS_PER_SECOND: '5',
} satisfies ArchiveThreadEnv;
