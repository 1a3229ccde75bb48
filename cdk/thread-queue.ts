import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EraseThreadEnv } from '../functions/env.ts';
import type { LambdaFunction } from './lambda-function.ts';

/**
 * How often a thread is tried before it is set aside for a human; AWS asks for 5 at least
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, read November 2026). Each try that fails waits
 * longer than the one before. A thread that only has to wait for HubSpot is queued anew, which spends no try.
 */
const MAX_RECEIVE_COUNT = 10;

/** SQS's longest: two weeks for a human to look. */
const RETENTION = Duration.days(14);

/**
 * Workers of a consumer at a time: 2 is the least that an event source mapping can be told
 * (https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html, read November 2026). HubSpot's limit is per
 * app, so workers share it: more of them would not be faster.
 */
export const WORKERS = 2;

/** What the queue must know of its producer and its consumer. */
export type ThreadQueueProps = {
  /** How long a thread waits for further events of its own, 0 to 900 s. */
  coalesce: Duration;
  /** The time-out of the Lambda that consumes the queue. */
  consumerTimeout: Duration;
  /**
   * Where what could not be done is set aside.
   *
   * @default - a queue of its own
   */
  deadLetterQueue?: Queue;
};

/** A queue of thread ids that wait for a consumer, and behind it the one of those that could not be dealt with. */
export class ThreadQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: ThreadQueueProps) {
    super(scope, id);
    // What the archiver sends here begins its two weeks anew. What SQS moves here by itself keeps its first date: what took
    // days to fail has so much less time left.
    this.deadLetterQueue =
      props.deadLetterQueue ??
      new Queue(this, 'DeadLetters', {
        retentionPeriod: RETENTION,
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
      });
    this.queue = new Queue(this, 'Queue', {
      retentionPeriod: RETENTION,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deliveryDelay: props.coalesce,
      // Six times the consumer's time-out leaves Lambda time to retry a batch that it could not start
      // (the page above): below that, a batch still at work would be delivered a second time.
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  /** Lets the role queue threads. Actions: sqs:SendMessage, which SendMessageBatch falls under. */
  grantSend(role: Role): void {
    this.allow(role, ['sqs:SendMessage']);
  }

  /**
   * Lets the role queue threads as long as few wait. Actions: sqs:SendMessage, and sqs:GetQueueAttributes for how many do.
   */
  grantFeed(role: Role): void {
    this.allow(role, ['sqs:SendMessage', 'sqs:GetQueueAttributes']);
  }

  /** What its consumer must know of it. */
  get environment(): Pick<
    EraseThreadEnv,
    'THREAD_QUEUE_URL' | 'DEAD_LETTER_QUEUE_URL' | 'MAX_RECEIVE_COUNT'
  > {
    return {
      THREAD_QUEUE_URL: this.queue.queueUrl,
      DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      // At the last try it says why a thread is set aside.
      MAX_RECEIVE_COUNT: String(MAX_RECEIVE_COUNT),
    };
  }

  /**
   * Has a Lambda consume the queue, {@link WORKERS} at a time, and lets its role do so.
   * @param id of the mapping, in the Lambda's scope
   */
  addConsumer(consumer: LambdaFunction, id: string, { batchSize }: { batchSize: number }): void {
    this.grantConsume(consumer.role);
    // Not `new SqsEventSource(queue)`: it also grants sqs:GetQueueUrl, which nothing here calls.
    consumer.function.addEventSourceMapping(id, {
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency: WORKERS,
      // Without it one failed thread would bring the whole batch back.
      reportBatchItemFailures: true,
    });
  }

  /**
   * Lets the role of a Lambda consume the queue. Actions: sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes for
   * its event source mapping (the page above), sqs:ChangeMessageVisibility for giving a thread back with a delay, and
   * sqs:SendMessage for queueing one anew that has only to wait. On the dead-letter queue: sqs:SendMessage.
   */
  private grantConsume(role: Role): void {
    this.allow(role, [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
      'sqs:SendMessage',
    ]);
    this.allow(role, ['sqs:SendMessage'], this.deadLetterQueue);
  }

  private allow(role: Role, actions: string[], queue = this.queue): void {
    role.addToPolicy(new PolicyStatement({ actions, resources: [queue.queueArn] }));
  }
}
