import { describe, expect, it } from 'vitest';
import { parseNotification } from '../../../functions/digest/notification.ts';

/** In the form of https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html (read November 2026). */
function notification(eventName: string, object: object = {}): string {
  const s3 = { s3SchemaVersion: '1.0', object: { key: 'messages/a.json.gz', versionId: 'v1', ...object } };
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventTime: '2026-02-02T12:00:00.123Z', eventName, s3 }],
  });
}

describe('a notification of S3', () => {
  it.each([
    ['ObjectCreated:Put', 'written'],
    ['ObjectCreated:CompleteMultipartUpload', 'written'],
    ['s3:ObjectCreated:Copy', 'written'],
    ['ObjectRemoved:Delete', 'erased'],
    ['ObjectRemoved:DeleteMarkerCreated', 'hidden'],
    ['LifecycleExpiration:Delete', 'expired'],
    ['LifecycleExpiration:DeleteMarkerCreated', 'hidden'],
  ])('%s says that a version was %s', (eventName, event) => {
    expect(parseNotification(notification(eventName))).toEqual([
      { event, key: 'messages/a.json.gz', version_id: 'v1', at: '2026-02-02 12:00:00.123' },
    ]);
  });

  it('has its key as a form has its fields', () => {
    const key = 'attachments/1/%E5%86%99+%E7%9C%9F%2B%281%29.txt';

    expect(parseNotification(notification('ObjectCreated:Put', { key }))).toMatchObject([
      { key: 'attachments/1/写 真+(1).txt' },
    ]);
  });

  it('has no version in a bucket without versions', () => {
    expect(parseNotification(notification('ObjectCreated:Put', { versionId: undefined }))).toMatchObject([
      { version_id: null },
    ]);
  });

  it('says nothing of the writing of digests, and all of their deletion', () => {
    const key = 'digests/000000000001.json';

    expect(parseNotification(notification('ObjectCreated:Put', { key }))).toEqual([]);
    expect(parseNotification(notification('ObjectRemoved:Delete', { key }))).toMatchObject([
      { event: 'erased', key },
    ]);
  });

  it('says nothing when S3 only tries the queue', () => {
    expect(parseNotification('{"Service":"Amazon S3","Event":"s3:TestEvent"}')).toEqual([]);
  });

  it.each([
    '',
    '{',
    '[]',
    '{"Records":[{}]}',
    notification('ReducedRedundancyLostObject'),
    notification('ObjectCreated:Put', { key: '%E0' }),
  ])('is not made a guess of when it cannot be read: %s', (body) => {
    expect(parseNotification(body)).toBeUndefined();
  });
});
