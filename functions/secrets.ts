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

/** A secret's value. `fresh` reads it again, because the cached one was refused; not more often than every 30 s. */
export type Secret<T> = (options?: { fresh: boolean }) => Promise<T>;

// A rotated secret is in use within this time even when nothing was refused.
const MAX_AGE_MS = 300_000;
// Refusals can be forged; they must not turn into calls to Secrets Manager.
const MIN_AGE_MS = 30_000;

/**
 * A JSON secret, checked and cached for five minutes. Concurrent callers share one read; a failed read is not kept.
 * @param name what to call it in errors
 * @throws ConfigError naming the secret, and its expected form or why it cannot be read, never its value
 */
export function createSecret<T extends z.core.$ZodType>(
  read: () => Promise<string>,
  { name, schema, now = Date.now }: { name: string; schema: T; now?: () => number },
): Secret<z.infer<T>> {
  let cached: { value: Promise<z.infer<T>>; readAt: number } | undefined;

  return (options) => {
    const maxAge = options?.fresh === true ? MIN_AGE_MS : MAX_AGE_MS;
    if (cached === undefined || now() - cached.readAt > maxAge) {
      const text = read().catch((cause: unknown) => {
        throw new ConfigError(`the secret ${name} cannot be read: ${safeReason(cause)}`, { cause });
      });
      const entry = { value: text.then((secret) => parseSecret(secret, { name, schema })), readAt: now() };
      cached = entry;
      entry.value.catch(() => {
        if (cached === entry) cached = undefined;
      });
    }
    return cached.value;
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
