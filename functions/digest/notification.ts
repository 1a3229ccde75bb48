import * as z from 'zod/mini';
import { sqlTimestamp } from '../archive/timestamp.ts';
import { type Change } from './digest.ts';
import { isEvidence } from './layout.ts';

/** What S3 says has happened to a version. */
export type Notice = Pick<Change, 'event' | 'key' | 'version_id' | 'at'>;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html (read November 2026).
const notificationSchema = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventName: z.string(),
      eventTime: z.string(),
      s3: z.looseObject({
        object: z.looseObject({ key: z.string(), versionId: z.optional(z.string()) }),
      }),
    }),
  ),
});
// What S3 sends once, when it is told where to send.
const testSchema = z.looseObject({ Event: z.literal('s3:TestEvent') });

const EVENTS: readonly (readonly [RegExp, Change['event']])[] = [
  [/^(?:s3:)?ObjectCreated:/, 'written'],
  [/^(?:s3:)?(?:ObjectRemoved|LifecycleExpiration):DeleteMarkerCreated$/, 'hidden'],
  [/^(?:s3:)?ObjectRemoved:Delete$/, 'erased'],
  [/^(?:s3:)?LifecycleExpiration:Delete$/, 'expired'],
];

/**
 * What a message from S3 says, but for the writing of digests; undefined when it is not from S3, or says what is not known
 * here. The key comes as a form field does: blanks as `+`, the rest percent-encoded.
 */
export function parseNotification(body: string): Notice[] | undefined {
  try {
    const json: unknown = JSON.parse(body);
    if (z.safeParse(testSchema, json).success) return [];
    const notices = z.parse(notificationSchema, json).Records.map(({ eventName, eventTime, s3 }) => {
      const event = EVENTS.find(([pattern]) => pattern.test(eventName))?.[1];
      if (event === undefined) throw new TypeError('an event of another kind');
      const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
      const at = sqlTimestamp(new Date(eventTime));
      return { event, key, version_id: s3.object.versionId ?? null, at };
    });
    return notices.filter(({ event, key }) => event !== 'written' || isEvidence(key));
  } catch {
    return undefined;
  }
}
