import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type Road } from '../../functions/sweep/feed.ts';
import { createSqsBacklog, createSqsSender } from '../../functions/thread-queue/sqs.ts';

/** The thread queue of a stack. `taken`: how many entries workers have in hand, about. */
export type BackfillQueue = Road & { taken: () => Promise<number> };

const attributesSchema = z.object({
  ApproximateNumberOfMessagesNotVisible: z.coerce.number().int().nonnegative(),
});

/**
 * A queue of SQS. Needs sqs:SendMessage and sqs:GetQueueAttributes. The counts may lag behind by a minute
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html, read November 2026).
 */
export function createBackfillQueue(client: SQSClient, queueUrl: string): BackfillQueue {
  return {
    send: createSqsSender(client, queueUrl),
    backlog: createSqsBacklog(client, queueUrl),
    taken: async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return attributesSchema.parse(Attributes).ApproximateNumberOfMessagesNotVisible;
    },
  };
}
