import type { SQSEvent } from 'aws-lambda';
import { queueRecord } from './queue-record.ts';

/** A record as Lambda hands it over, taken so many times. */
export function sqsRecord(
  recordId: string,
  change: Parameters<typeof queueRecord>[1],
  receiveCount = 2,
): SQSEvent['Records'][number] {
  const { body } = queueRecord(recordId, { receivedAt: Date.now(), ...change });
  return {
    messageId: recordId,
    receiptHandle: `receipt of ${recordId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: 'eu-central-1',
  };
}
