import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { METRICS, METRICS_NAMESPACE } from '../functions/telemetry.ts';
import { addAlarm, type AlarmSettings } from './alarm.ts';
import type { Digests } from './digests.ts';
import type { ThreadQueue } from './thread-queue.ts';

/** What is watched, and who is told. */
export type AlarmsProps = {
  webhookStage: HttpStage;
  threadQueue: ThreadQueue;
  archiver: IFunction;
  erasures: ThreadQueue;
  eraser: IFunction;
  digests: Digests;
  /**
   * Gets an e-mail for each alarm, once its owner has confirmed the subscription.
   *
   * @default - nobody: the topic can be subscribed by hand
   */
  alarmEmail: string | undefined;
};

/** A period of a metric is this long, where nothing else is said. */
const PERIOD = Duration.minutes(5);

/**
 * Both sides try again by themselves, so a single failure needs nobody. The hour is long enough for an account
 * with an event now and then to show three.
 */
const REPEATEDLY = { of: 12, atLeast: 3 };

/** The alarms, one for each thing that needs a human; each names its section of the runbook. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    { webhookStage, threadQueue, archiver, erasures, eraser, digests, alarmEmail }: AlarmsProps,
  ) {
    super(scope, id);
    this.topic = this.createTopic();
    if (alarmEmail !== undefined) this.topic.addSubscription(new EmailSubscription(alarmEmail));

    this.add('DeadLetters', {
      impact: 'Threads could not be archived and are not tried any more; they are kept for two weeks.',
      metric: threadQueue.deadLetterQueue.metricApproximateNumberOfMessagesVisible(MAXIMUM),
      threshold: 1,
    });
    this.add('ArchiveBehind', {
      impact: 'The archive is more than an hour behind HubSpot; nothing is lost yet.',
      // Leaves out what was tried three times already: that ends in the dead letters
      // (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html, read
      // November 2026).
      metric: threadQueue.queue.metricApproximateAgeOfOldestMessage(MAXIMUM),
      threshold: Duration.hours(1).toSeconds(),
    });
    this.add('ThreadsWaiting', {
      impact:
        'Threads wait for HubSpot: it is down, its daily limit is used up, or it refuses the access token.',
      // They are queued anew each time, so the age of the oldest message does not show them.
      metric: archiverMetric(METRICS.recordsReturned),
      threshold: 1,
      // A thread comes back every 15 minutes at least. A message that HubSpot shows late is waited for in four periods.
      periods: { of: 24, atLeast: 8 },
    });
    this.add('WebhooksFailing', {
      impact: 'Webhooks cannot be taken; HubSpot repeats each for 24 hours and then forgets it.',
      metric: webhookStage.metricServerError(SUM),
      threshold: 1,
      periods: REPEATEDLY,
    });
    this.add('WebhooksRefused', {
      impact:
        'Requests are refused as not signed by HubSpot: somebody is probing, or the client secret is wrong.',
      metric: webhookStage.metricClientError(SUM),
      threshold: 1,
      // Half of the hour: a passing scanner is not worth a message, a wrong secret refuses everything.
      periods: { of: 12, atLeast: 6 },
    });
    this.add('ScopeMissing', {
      impact: 'HubSpot does not give attached files to this access token, so the archive lacks them.',
      metric: archiverMetric(METRICS.scopesMissing),
      threshold: 1,
      // Each file is tried once a day, so this says so once and not file by file.
      periods: { of: 288, atLeast: 1 },
    });
    this.add('ArchiverFailing', {
      impact: 'The archiver crashes or runs out of time, so threads wait and are tried again.',
      metric: archiver.metricErrors(SUM),
      threshold: 1,
      periods: REPEATEDLY,
    });
    this.add('ArchiverThrottled', {
      impact: 'The AWS account has no free Lambda concurrency for the archiver, so threads wait.',
      metric: archiver.metricThrottles(SUM),
      threshold: 1,
      periods: REPEATEDLY,
    });
    this.add('EraserFailing', {
      impact:
        'The eraser crashes or cannot read a record, so content that was to be erased may still be there.',
      metric: eraser.metricErrors(SUM),
      threshold: 1,
      // The look at what a lock has kept comes once a day, and nobody else looks: it stands until the next one.
      periods: { of: 288, atLeast: 1 },
    });
    this.add('ErasuresWaiting', {
      impact: 'Threads that are to be erased have not been taken up for more than six hours.',
      // The daily look may queue thousands at once, and each visit is queued anew for the next one, a quarter of an hour before.
      metric: erasures.queue.metricApproximateAgeOfOldestMessage(MAXIMUM),
      threshold: Duration.hours(6).toSeconds(),
    });
    this.add('TrashUnarchived', {
      impact:
        'Threads in the trash of HubSpot are not whole in the archive after a day; HubSpot purges them after 30.',
      metric: new Metric({ ...SUM, ...metricOf('sweep-threads', METRICS.trashUnarchived) }),
      threshold: 1,
      // Said once by each daily walk through the trash, so it stands until the next one.
      periods: { of: 288, atLeast: 1 },
    });
    this.add('SweepFailing', {
      impact:
        'The sweep fails again and again, or does not run, so nobody looks for what webhooks have not brought.',
      metric: new Metric({ ...SUM, ...metricOf('sweep-threads', METRICS.sweepsFailed) }),
      threshold: 1,
      periods: { of: 24, atLeast: 12 },
      // Every run counts its failures, none is 0: one that crashes, or that nobody calls, counts nothing.
      heartbeat: true,
    });
    this.add('DigestsMissing', {
      impact: 'No digest was written for three hours, so what was archived since cannot be proved yet.',
      // One an hour is what there should be.
      metric: new Metric({
        statistic: 'Sum',
        period: Duration.hours(1),
        ...metricOf('write-digest', METRICS.digestsWritten),
      }),
      threshold: 1,
      below: true,
      periods: { of: 3, atLeast: 3 },
    });
    this.add('ChangesUnlisted', {
      impact:
        'Changes of the archive could not be listed in a digest and are set aside for two weeks at most.',
      metric: digests.deadLetters.metricApproximateNumberOfMessagesVisible(MAXIMUM),
      threshold: 1,
    });
  }

  private add(id: string, settings: AlarmSettings): void {
    addAlarm(this, id, { ...settings, topicArn: this.topic.topicArn });
  }

  /**
   * Not encrypted with a key of ours: alarms hold no data of anybody, and CloudWatch cannot use the default key of
   * SNS (https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger, read November 2026).
   */
  private createTopic(): Topic {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    // A policy of our own replaces the topic's default one, which is what lets CloudWatch publish: without
    // this statement every alarm would go off unheard (the page above).
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { ArnLike: { 'aws:SourceArn': this.alarmArns() } },
      }),
    );
    return topic;
  }

  private alarmArns(): string {
    return Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

const MAXIMUM = { statistic: 'Maximum', period: PERIOD };
const SUM = { statistic: 'Sum', period: PERIOD };

/** A metric that archive-thread writes itself. */
function archiverMetric(metricName: string): Metric {
  return new Metric({ ...SUM, ...metricOf('archive-thread', metricName) });
}

/** A metric that a Lambda writes itself; its one dimension is what Powertools adds. */
function metricOf(service: string, metricName: string) {
  return { namespace: METRICS_NAMESPACE, metricName, dimensionsMap: { service } };
}
