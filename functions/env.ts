import * as z from 'zod/mini';
import { ConfigError } from './errors.ts';

const commaSeparated = z.pipe(
  z.string().check(z.minLength(1)),
  z.transform((text) => text.split(',').map((part) => part.trim())),
);
const positiveNumber = z.coerce.number().check(z.positive());
const count = z.coerce.number().check(z.int(), z.positive());

/** What the stack tells receive-webhook. Names and addresses only: secrets are read at run time. */
export const receiveWebhookEnvSchema = z.object({
  /** HubSpot account ids whose events are archived, separated by commas. */
  PORTALS: commaSeparated,
  /** URL of the thread queue. */
  THREAD_QUEUE_URL: z.url(),
  /** URL of the queue of threads in the trash. */
  URGENT_QUEUE_URL: z.url(),
  /** URL of the queue of threads to be erased. */
  ERASURE_QUEUE_URL: z.url(),
  /** Secrets Manager ARN of `{"current": …, "previous"?: …}`, the app's client secret. */
  CLIENT_SECRET_ARN: z.string().check(z.minLength(1)),
  /** The URL as HubSpot calls it, when it is not the API's own (custom domain, CDN in front). */
  WEBHOOK_URL: z.optional(z.url()),
});

/** What the consumers of a queue of threads have in common. */
const consumerEnv = {
  /** HubSpot account ids whose threads may be worked on, separated by commas. */
  PORTALS: commaSeparated,
  /** URL of the queue that is consumed, for giving a message back with a delay of our choice. */
  THREAD_QUEUE_URL: z.url(),
  /** URL of the dead-letter queue, for setting a record aside with its reason. */
  DEAD_LETTER_QUEUE_URL: z.url(),
  /** How often the queue delivers a message before it moves it to the dead-letter queue itself. */
  MAX_RECEIVE_COUNT: count,
  /** Name of the archive bucket. */
  ARCHIVE_BUCKET: z.string().check(z.minLength(1)),
};

/** What those who call HubSpot have in common. */
const hubSpotEnv = {
  /** Secrets Manager ARN of `{"<portal id>": "<access token>", …}`. */
  ACCESS_TOKENS_ARN: z.string().check(z.minLength(1)),
  /** Origin of HubSpot's API, e.g. `https://api.hubapi.com`. */
  HUBSPOT_API_URL: z.url(),
  /** Which shape of path is called: `v3` or its successor `2026-09`. */
  HUBSPOT_API_VERSION: z.enum(['v3', '2026-09']),
  /** How long the queue holds an event back, in seconds. */
  COALESCE_SECONDS: z.coerce.number().check(z.nonnegative()),
  /** This worker's share of the configured request rate, in requests per second. */
  REQUESTS_PER_SECOND: positiveNumber,
};

/** What the stack tells archive-thread. Names and addresses only: secrets are read at run time. */
export const archiveThreadEnvSchema = z.object({
  ...consumerEnv,
  ...hubSpotEnv,
  /** Whether attached files are archived. */
  ATTACHMENTS: z.enum(['true', 'false']),
  /** The largest file that is archived, in megabytes of a million bytes. */
  ATTACHMENT_MAX_MEGABYTES: positiveNumber,
  /** Hosts that files may come from besides HubSpot's, separated by commas. */
  ATTACHMENT_HOSTS: z.optional(commaSeparated),
});

/** What the stack tells sweep-threads. */
export const sweepThreadsEnvSchema = z.object({
  ...hubSpotEnv,
  /** HubSpot account ids that are swept, separated by commas. */
  PORTALS: commaSeparated,
  /** URL of the thread queue. */
  THREAD_QUEUE_URL: z.url(),
  /** URL of the queue of threads in the trash. */
  URGENT_QUEUE_URL: z.url(),
  /** Name of the archive bucket. */
  ARCHIVE_BUCKET: z.string().check(z.minLength(1)),
  /** Minutes from one look for new messages to the next. */
  SWEEP_MINUTES: count,
  /** Days from one full round to the next. */
  FULL_SWEEP_DAYS: count,
  /** A full round reads the threads with a message in so many days. */
  FULL_SWEEP_WINDOW_DAYS: count,
});

/** What the stack tells erase-thread. */
export const eraseThreadEnvSchema = z.object({
  ...consumerEnv,
  /** What is done when HubSpot deletes a thread for privacy. */
  PRIVACY_DELETION: z.enum(['erase', 'hold']),
});

/** What the stack tells write-digest. */
export const writeDigestEnvSchema = z.object({
  /** Name of the archive bucket. */
  ARCHIVE_BUCKET: z.string().check(z.minLength(1)),
  /** URL of the queue that S3 notifies of what was written. */
  CHANGES_QUEUE_URL: z.url(),
  /** ARN of the KMS key that signs. */
  DIGEST_KEY_ARN: z.string().check(z.minLength(1)),
});

/** The variables `cdk/` must set for receive-webhook: `environment: {…} satisfies ReceiveWebhookEnv`. */
export type ReceiveWebhookEnv = z.input<typeof receiveWebhookEnvSchema>;
/** The variables `cdk/` must set for archive-thread: `environment: {…} satisfies ArchiveThreadEnv`. */
export type ArchiveThreadEnv = AsText<z.input<typeof archiveThreadEnvSchema>>;
/** The variables `cdk/` must set for erase-thread: `environment: {…} satisfies EraseThreadEnv`. */
export type EraseThreadEnv = AsText<z.input<typeof eraseThreadEnvSchema>>;
/** The variables `cdk/` must set for sweep-threads: `environment: {…} satisfies SweepThreadsEnv`. */
export type SweepThreadsEnv = AsText<z.input<typeof sweepThreadsEnvSchema>>;
/** The variables `cdk/` must set for write-digest: `environment: {…} satisfies WriteDigestEnv`. */
export type WriteDigestEnv = z.input<typeof writeDigestEnvSchema>;
/** Coerced numbers have any input; the environment has text. */
type AsText<Env> = { [Name in keyof Env]: unknown extends Env[Name] ? string : Env[Name] };

/**
 * The environment, checked. Call once, at cold start: a wrong stack then fails before it takes work.
 * @throws ConfigError naming each variable that is missing or unusable, and never a value
 */
export function loadEnv<T extends z.core.$ZodType>(
  schema: T,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<T> {
  const parsed = z.safeParse(schema, env);
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
  throw new ConfigError(`environment variables missing or unusable: ${names.join(', ')}`);
}
