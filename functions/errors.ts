/**
 * One class per decision a caller makes. Messages carry ids, statuses and counts, never content, names or secrets.
 */

/**
 * A setting that cannot be used: an environment variable, a secret's shape, a command line option.
 * The message names the setting and what is allowed, never its value when that may be a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Why a webhook request was not believed. */
export type SignatureFault = 'missing' | 'malformed' | 'stale' | 'mismatch';

/** A webhook request that HubSpot did not sign, or signed too long ago. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly reason: SignatureFault;

  constructor(reason: SignatureFault, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A signed body that is not a batch of events. */
export class MalformedEventsError extends Error {
  override readonly name = 'MalformedEventsError';
}

type HubSpotErrorOptions = {
  status?: number;
  retryAfterMs?: number | undefined;
  transient?: boolean;
  cause?: unknown;
};

/** An answer of HubSpot's API, or the lack of one, that the archive cannot go on with. */
export class HubSpotError extends Error {
  override readonly name = 'HubSpotError';
  /** HTTP status; undefined when no whole answer came, or when a 200 was not what the API promises. */
  readonly status: number | undefined;
  /** How long HubSpot asks to be left alone, in milliseconds; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;
  /** Whether it is HubSpot's trouble of the moment and not this thread's: limits, outages, broken connections. */
  readonly transient: boolean;

  constructor(message: string, options: HubSpotErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.transient = options.transient ?? false;
  }
}

/**
 * Whether HubSpot refuses what it was asked for, or answers what it should not: neither its trouble of the moment nor the
 * access token, so asking in another way may help.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof HubSpotError && !error.transient && error.status !== 401 && error.status !== 403;
}

/** Why a content cannot be had, and would not be if it were asked for again at once. */
export type UnobtainableReason =
  'missing scope' | 'not found' | 'refused' | 'unusable answer' | 'foreign host' | 'login page' | 'too large';

/** An original or a file that HubSpot does not give, or that is not taken from where HubSpot says it is. */
export class UnobtainableError extends Error {
  override readonly name = 'UnobtainableError';
  readonly reason: UnobtainableReason;

  constructor(reason: UnobtainableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A conditional write that lost: the object is not (or no longer) what the writer had read. Read again, then decide. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** An object of the archive that does not read as what the layout promises. A human must look. */
export class CorruptArchiveError extends Error {
  override readonly name = 'CorruptArchiveError';
}

type StoreErrorOptions = { status?: number | undefined; cause?: unknown };

/**
 * The archive's home did not do as asked: overload, an outage, no answer, a full disk, a permission that is missing. Says
 * nothing against the thread that asked. What was to be written may have been written all the same.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** HTTP status; undefined when no whole answer came, or when the home is a folder. */
  readonly status: number | undefined;

  constructor(message: string, { status, cause }: StoreErrorOptions = {}) {
    super(message, { cause });
    this.status = status;
  }
}

/** A record that asks for what cannot be done: its body is no queued thread, or its account is not configured. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** The thread queue did not take every entry. Nothing may be acknowledged. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}

const OURS = [
  ConfigError,
  SignatureError,
  MalformedEventsError,
  HubSpotError,
  UnobtainableError,
  ConflictError,
  CorruptArchiveError,
  StoreError,
  RecordError,
  QueueError,
];

/** What a log may say of an error: our own messages carry ids alone; a foreign one may quote what it was given. */
export function safeReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return OURS.some((ours) => error instanceof ours) ? `${error.name}: ${error.message}` : error.name;
}
