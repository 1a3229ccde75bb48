import * as z from 'zod';
import { conflictingKeys } from './config-conflicts.ts';

/**
 * HubSpot's burst limit of a Professional or Enterprise account is 190 requests in 10 seconds per app
 * (https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, read November 2026). Each worker may
 * be two requests over its pace in such a window, so 19 a second would touch the limit, and 18 does not.
 */
const MAX_REQUESTS_PER_SECOND = 18;

/**
 * At half of this, a worker for threads in the trash has a call in 80 s, and could not even begin with one within its time:
 * HubSpot would purge what was never read.
 */
const MIN_REQUESTS_PER_SECOND = 0.5;

/** SQS delays a message by 15 minutes at most. */
const MAX_DELAY_SECONDS = 900;

/** What archive-thread can fetch and store within its time. */
const MAX_ATTACHMENT_MEGABYTES = 400;

// Two labels at least, the last of letters: no address fits.
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

// `-c key=value` gives text; cdk.json may hold a number.
const text = z.union([z.string(), z.number().transform(String)]).pipe(z.string().trim());
// An empty value is no number: Number('') would be 0.
const number = text.pipe(z.string().min(1)).transform(Number);

const whole = (least: number, most: number) =>
  number.refine((value) => Number.isInteger(value) && value >= least && value <= most);

const wholeNumber = (least: number, most: number, byDefault: number) =>
  whole(least, most).default(byDefault).describe(`a whole number from ${least} to ${most}`);

const flag = (byDefault: boolean) =>
  z
    .union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')])
    .default(byDefault)
    .describe('true or false');

/**
 * As long as S3 locks a version by default
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DefaultRetention.html, read November 2026).
 */
const MAX_DAYS = 36_500;

/** S3 bills 30 days of the colder classes at least. */
const MIN_COLD_STORAGE_DAYS = 30;

/** What one query of Athena reads for 500 dollars: a larger limit would hardly be one. */
const MAX_SCAN_GIGABYTES = 100_000;

// No wildcard: in a policy it would stand for other roles too.
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const roleArn = text.refine((value) => ROLE_ARN.test(value)).optional();

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost'];

/** What each key may hold. The description is what the error says is allowed. */
const configSchema = z.object({
  /** HubSpot account ids; events of others are ignored. No default: whose conversations are kept is a decision. */
  portals: text
    .transform((list) => [...new Set(list.split(',').map((id) => id.trim()))])
    .refine((ids) => ids.every((id) => /^[1-9]\d{0,15}$/.test(id)))
    .describe('the HubSpot account ids to archive, digits separated by commas, e.g. -c portals=62515,62516'),
  /** For a domain or CDN of one's own in front of the API. Kept letter by letter: it is part of what is signed. */
  webhookUrl: text
    .refine((value) => isPlainUrl(value, { protocols: ['https:'] }))
    .optional()
    .describe('an https URL without a query, the very one that HubSpot is told to call'),
  /** Where HubSpot's API is; another one only for tests. */
  hubspotApiUrl: text
    .refine((value) => isPlainUrl(value, { protocols: ['https:'] }) || isLoopbackUrl(value))
    .refine((value) => URL.canParse(value) && new URL(value).pathname === '/')
    .transform((value) => new URL(value).origin)
    .default('https://api.hubapi.com')
    .describe('an https origin without a path; http only for 127.0.0.1 and localhost'),
  /** Which shape of path is called; `2026-09` is the successor of `v3`. */
  hubspotApiVersion: z.enum(['v3', '2026-09']).default('v3').describe('v3 or 2026-09'),
  /** Calls of HubSpot's API per second, all workers together. */
  requestsPerSecond: number
    .refine((value) => value >= MIN_REQUESTS_PER_SECOND && value <= MAX_REQUESTS_PER_SECOND)
    .default(10)
    .describe(`a number from ${MIN_REQUESTS_PER_SECOND} to ${MAX_REQUESTS_PER_SECOND}`),
  /** How long a thread waits for further events of its own before it is fetched. */
  coalesceSeconds: wholeNumber(0, MAX_DELAY_SECONDS, 15),
  /** Whether the files that are attached to messages are archived. */
  attachments: flag(true),
  /** Larger files are passed over, in megabytes of a million bytes. The Lambda's disk follows from it. */
  attachmentMaxMegabytes: wholeNumber(1, MAX_ATTACHMENT_MEGABYTES, 100),
  /** Hosts that files may come from besides HubSpot's, each with all below it. */
  attachmentHosts: text
    .transform((list) => list.split(',').map((host) => host.trim().toLowerCase()))
    .refine((hosts) => hosts.every((host) => HOST_NAME.test(host)))
    .optional()
    .describe('names of hosts, separated by commas, e.g. files.example.com; no addresses'),
  /** What is done when HubSpot deletes a thread for privacy: its content is erased, or kept and the request is on record. */
  privacyDeletion: z.enum(['erase', 'hold']).default('erase').describe('erase or hold'),
  /** From one look for what no webhook has brought to the next. */
  sweepMinutes: wholeNumber(5, 1_440, 60),
  /** From one full round to the next: edits and delivery statuses have no event. */
  fullSweepDays: wholeNumber(1, 90, 7),
  /** A full round reads the threads whose newest message is no older. */
  fullSweepWindowDays: wholeNumber(1, 365, 30),
  /** Whether S3 locks every version that is written, and who can undo that: a named role, or nobody. */
  retentionMode: z
    .enum(['none', 'governance', 'compliance'])
    .default('none')
    .describe('none, governance or compliance'),
  /** How long each version is locked from when it was written. Given exactly when there is a mode. */
  retentionDays: whole(1, MAX_DAYS)
    .optional()
    .describe(`a whole number from 1 to ${MAX_DAYS}, with retentionMode governance or compliance`),
  /** The second word that compliance mode needs, so that nobody slips into it. */
  complianceCannotBeUndone: z
    .union([z.literal(true), z.literal('true').transform(() => true)])
    .optional()
    .describe(
      'true, with retentionMode compliance: until its time is over nobody can delete a version or shorten that time, not even the root user of the account',
    ),
  /** The one role that may pass governance retention. */
  breakGlassRoleArn: roleArn.describe(
    'the ARN of one IAM role, e.g. arn:aws:iam::123456789012:role/BreakGlass',
  ),
  /** The role that may release legal holds, besides that one. */
  holdRoleArn: roleArn.describe('the ARN of one IAM role, e.g. arn:aws:iam::123456789012:role/Legal'),
  /** How old attached files are when they go to a colder storage class. */
  coldStorageDays: whole(MIN_COLD_STORAGE_DAYS, MAX_DAYS)
    .optional()
    .describe(`a whole number from ${MIN_COLD_STORAGE_DAYS} to ${MAX_DAYS}, with coldStorageClass`),
  /** The class they go to: one of those whose objects can be read at once. */
  coldStorageClass: z
    .enum(['STANDARD_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING'])
    .optional()
    .describe('STANDARD_IA, GLACIER_IR or INTELLIGENT_TIERING, with coldStorageDays'),
  /** What records who read and wrote which object. */
  accessTrail: z.enum(['none', 'cloudtrail', 's3']).default('none').describe('none, cloudtrail or s3'),
  /** How long that is kept. */
  accessTrailDays: whole(1, MAX_DAYS).default(365).describe(`a whole number from 1 to ${MAX_DAYS}`),
  /** The first UTC day that the tables have: messages of a day before it are silently not read by Athena. */
  queryFirstDay: text.pipe(z.iso.date()).default('2010-01-01').describe('a UTC day, e.g. 2010-01-01'),
  /** A query that reads more is broken off, in gigabytes of a thousand million bytes. */
  athenaScanLimitGigabytes: wholeNumber(1, MAX_SCAN_GIGABYTES, 100),
  /** Whether messages, threads and actors are kept a second time, in few, large, columnar files, for large archives. */
  analytics: flag(false),
  /** Gets a mail for each alarm. */
  alarmEmail: text.pipe(z.email()).optional().describe('an e-mail address'),
});

/** What the operator chose, checked. */
export type Config = z.infer<typeof configSchema>;

/** The context of the CDK app cannot be used. `message` lists every problem, one a line. */
export class StackConfigError extends Error {
  override readonly name = 'StackConfigError';
}

/**
 * The configuration in a CDK app's context (`-c key=value` or `cdk.json`).
 *
 * Context is shared with CDK, whose own keys all hold a colon, a slash or a hyphen; a key without any is
 * meant for us. One that we do not know is refused: a misspelt or not yet supported setting that is silently
 * ignored would be found out when it is too late.
 * @throws StackConfigError naming each key, the value given and what is allowed
 */
export function readConfig(context: unknown): Config {
  const values = z.record(z.string(), z.unknown()).parse(context);
  const parsed = configSchema.safeParse(values);
  const wrongKeys = parsed.success ? conflictingKeys(parsed.data) : keysOf(parsed.error);
  const problems = [...unknownKeys(values), ...describeProblems(wrongKeys, values)];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new StackConfigError(
    `the configuration cannot be used:\n${problems.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** Whether it is a URL of one of the protocols, and no more: no query, no fragment, no credentials. */
function isPlainUrl(text: string, { protocols }: { protocols: string[] }): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, username, password } = new URL(text);
  return protocols.includes(protocol) && [search, hash, username, password].every((part) => part === '');
}

function isLoopbackUrl(text: string): boolean {
  return isPlainUrl(text, { protocols: ['http:'] }) && LOOPBACK_HOSTS.includes(new URL(text).hostname);
}

function unknownKeys(context: Record<string, unknown>): string[] {
  const known = Object.keys(configSchema.shape);
  return Object.keys(context)
    .filter((key) => /^\w+$/.test(key) && !known.includes(key))
    .map(
      (key) => `${key}: ${given(context[key])}; there is no such setting, allowed are ${known.join(', ')}`,
    );
}

function keysOf({ issues }: z.ZodError): string[] {
  return issues.map((issue) => String(issue.path[0]));
}

function describeProblems(wrongKeys: readonly string[], context: Record<string, unknown>): string[] {
  return Object.entries(configSchema.shape)
    .filter(([key]) => wrongKeys.includes(key))
    .map(([key, schema]) => `${key}: ${given(context[key])}; allowed is ${schema.description ?? ''}`);
}

function given(value: unknown): string {
  return value === undefined ? 'is missing' : `was ${JSON.stringify(value)}`;
}
