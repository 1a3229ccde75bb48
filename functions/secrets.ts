import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { ConfigError, safeReason } from './errors.ts';

/** The app's client secret; `previous` stays while a rotation lasts, so that no webhook is lost by it. */
export const clientSecretSchema = z.object({
  current: z.string().check(z.minLength(1)),
  previous: z.optional(z.string().check(z.minLength(1))),
});

/** Access tokens by account id. */
export const accessTokensSchema = z.record(z.string(), z.string().check(z.minLength(1)));

/** A secret's value. `fresh` reads it again, because the cached one was refused. */
export type Secret<T> = (options?: { fresh: boolean }) => Promise<T>;

/**
 * The access token of an account, out of the secret that has those of all; {@link createSecret} says how that is kept.
 * @throws ConfigError naming the account when there is none for it, and what the secret throws
 */
export function createAccessToken(
  read: () => Promise<string>,
): (portalId: string, options?: { fresh: boolean }) => Promise<string> {
  const accessTokens = createSecret(read, { name: 'access tokens', schema: accessTokensSchema });
  return async (portalId, options) => {
    const token = (await accessTokens(options))[portalId];
    if (token === undefined)
      throw new ConfigError(`the secret access tokens has none for account ${portalId}`);
    return token;
  };
}

// A rotated secret is in use within this time even when nothing was refused.
const MAX_AGE_MS = 300_000;
// Refusals can be forged; they must not turn into calls to Secrets Manager.
const MIN_AGE_MS = 30_000;
// While it cannot be read, the value of before is as good as known: a rotation leaves at least a day.
const MAX_STALE_MS = 3_600_000;
// Without a value nothing can be done, so it is asked for again soon, though not by every request of a flood.
const FAILURE_AGE_MS = 5_000;

/**
 * A JSON secret, checked and cached for five minutes. Concurrent callers share one read. There are at least 30 seconds
 * between two reads, whatever is asked. When a read fails, the value of before counts for up to an hour; without one,
 * the failure counts for five seconds.
 * @param name what to call it in errors
 * @throws ConfigError naming the secret, and its expected form or why it cannot be read, never its value
 */
export function createSecret<T extends z.core.$ZodType>(
  read: () => Promise<string>,
  { name, schema, now = Date.now }: { name: string; schema: T; now?: () => number },
): Secret<z.infer<T>> {
  let known: { value: z.infer<T>; at: number } | undefined;
  let latest: { value: Promise<z.infer<T>>; at: number; maxAge: number } | undefined;

  function startReading(at: number) {
    const text = read().catch((cause: unknown) => {
      throw new ConfigError(`the secret ${name} cannot be read: ${safeReason(cause)}`, { cause });
    });
    const parsed = text.then((secret) => parseSecret(secret, { name, schema }));
    const reading = { value: parsed.then(keep, fallBack), at, maxAge: MAX_AGE_MS };
    return reading;

    function keep(value: z.infer<T>): z.infer<T> {
      known = { value, at };
      return value;
    }
    function fallBack(error: unknown): z.infer<T> {
      const isUsable = known !== undefined && at - known.at <= MAX_STALE_MS;
      reading.maxAge = isUsable ? MIN_AGE_MS : FAILURE_AGE_MS;
      if (known === undefined || !isUsable) throw error;
      return known.value;
    }
  }

  return (options) => {
    const maxAge = Math.min(latest?.maxAge ?? 0, options?.fresh === true ? MIN_AGE_MS : MAX_AGE_MS);
    if (latest === undefined || now() - latest.at > maxAge) latest = startReading(now());
    return latest.value;
  };
}

/** Reads the text of a secret from Secrets Manager. */
export function readSecret(client: SecretsManagerClient, secretArn: string): () => Promise<string> {
  return async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return SecretString ?? '';
  };
}

function parseSecret<T extends z.core.$ZodType>(
  text: string,
  { name, schema }: { name: string; schema: T },
): z.infer<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError(`the secret ${name} is not JSON`);
  }
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole value');
  throw new ConfigError(`the secret ${name} has not the form it should, at: ${places.join(', ')}`);
}
