import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type SendThreads } from '../../functions/thread-queue/queued-thread.ts';
import { createSqsSender } from '../../functions/thread-queue/sqs.ts';

/** How many messages a queue has: to be taken now or after their delay, and taken already. Approximations, of SQS's. */
export type QueueDepth = { waiting: number; taken: number };

/** The thread queue of a stack. */
export type BackfillQueue = { send: SendThreads; depth: () => Promise<QueueDepth> };

const count = z.coerce.number().int().nonnegative();
const attributesSchema = z.object({
  ApproximateNumberOfMessages: count,
  ApproximateNumberOfMessagesDelayed: count,
  ApproximateNumberOfMessagesNotVisible: count,
});

/**
 * A queue of SQS. Needs sqs:SendMessage and sqs:GetQueueAttributes. The counts may lag behind by a minute
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html, read November 2026).
 */
export function createBackfillQueue(client: SQSClient, queueUrl: string): BackfillQueue {
  return {
    send: createSqsSender(client, queueUrl),
    depth: async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesDelayed',
            'ApproximateNumberOfMessagesNotVisible',
          ],
        }),
      );
      const counts = attributesSchema.parse(Attributes);
      return {
        waiting: counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesDelayed,
        taken: counts.ApproximateNumberOfMessagesNotVisible,
      };
    },
  };
}
