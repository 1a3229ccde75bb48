import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Route } from '../functions/thread-queue/route.ts';
import { AccessTrail } from './access-trail.ts';
import { Alarms } from './alarms.ts';
import { ArchiveBucket } from './archive-bucket.ts';
import type { Config } from './config.ts';
import { Digests } from './digests.ts';
import { shareOf } from './request-shares.ts';
import { OperatorSecret } from './secrets.ts';
import { ThreadArchiver } from './thread-archiver.ts';
import { ThreadEraser } from './thread-eraser.ts';
import { ThreadQueue } from './thread-queue.ts';
import { ThreadSweeper } from './thread-sweeper.ts';
import { WebhookEndpoint } from './webhook-endpoint.ts';

/** A batch of ten threads with long histories, at HubSpot's pace; what does not fit is given back to the queue. */
const ARCHIVER_TIMEOUT = Duration.minutes(5);

/** Threadvault in one stack: webhook endpoint → thread queue → archiver → bucket, and the alarms over them. */
export class ArchiveStack extends Stack {
  constructor(scope: Construct, id: string, { config }: { config: Config }) {
    super(scope, id, {
      description: 'Threadvault: archives HubSpot conversations into the bucket of this stack',
      terminationProtection: true,
    });
    const clientSecret = new OperatorSecret(
      this,
      'ClientSecret',
      'Threadvault: the client secret of the HubSpot app, {"current": "...", "previous": "..."}',
    );
    const accessTokens = new OperatorSecret(
      this,
      'AccessTokens',
      'Threadvault: the HubSpot access tokens, {"<portal id>": "<token>"}',
    );
    const archive = new ArchiveBucket(this, 'Archive', { config });
    const queues = this.addQueues(config);
    const { ordinary: threadQueue, urgent, erasure: erasures } = queues;
    const { portals, webhookUrl, alarmEmail } = config;
    const endpoint = new WebhookEndpoint(this, 'Webhook', { portals, webhookUrl, queues, clientSecret });
    const timeout = ARCHIVER_TIMEOUT;
    const archiving = { config, timeout, archive, accessTokens };
    const archiver = new ThreadArchiver(this, 'Threads', {
      ...archiving,
      threadQueue,
      requestsPerSecond: shareOf('archiver', config.requestsPerSecond),
    });
    new ThreadArchiver(this, 'UrgentThreads', {
      ...archiving,
      threadQueue: urgent,
      requestsPerSecond: shareOf('urgent', config.requestsPerSecond),
    });
    new ThreadSweeper(this, 'Sweeping', {
      config,
      threadQueue,
      urgentQueue: urgent,
      archive,
      accessTokens,
      requestsPerSecond: shareOf('sweeper', config.requestsPerSecond),
    });
    const eraser = new ThreadEraser(this, 'Erasing', { config, timeout, erasures, archive });
    archive.guard({ eraser: eraser.role });
    if (config.accessTrail !== 'none') {
      const { accessTrail: kind, accessTrailDays } = config;
      const keep = Duration.days(accessTrailDays);
      const { bucket } = new AccessTrail(this, 'AccessTrail', { archive: archive.bucket, kind, keep });
      this.output('AccessTrailBucketName', bucket.bucketName, 'Who read and wrote the archive');
    }
    const digests = new Digests(this, 'Digests', { archive });
    const alarms = new Alarms(this, 'Alarms', {
      webhookStage: endpoint.stage,
      threadQueue,
      archiver: archiver.function,
      erasures,
      eraser: eraser.function,
      digests,
      alarmEmail,
    });

    this.output('WebhookUrl', endpoint.url, 'Enter this as the target URL of the HubSpot app');
    this.output(
      'ApiEndpoint',
      endpoint.stage.api.apiEndpoint,
      'Where a domain or CDN of your own must forward to',
    );
    this.output('ArchiveBucketName', archive.bucket.bucketName, 'The archive');
    this.output('ThreadQueueUrl', threadQueue.queue.queueUrl, 'Threads that wait to be archived');
    this.output('ErasureQueueUrl', erasures.queue.queueUrl, 'Threads that wait to be erased');
    this.output(
      'DeadLetterQueueUrl',
      threadQueue.deadLetterQueue.queueUrl,
      'Threads that could not be archived',
    );
    this.output(
      'ClientSecretArn',
      clientSecret.secretArn,
      'Put {"current": "<client secret of the HubSpot app>"} here',
    );
    this.output('AccessTokensArn', accessTokens.secretArn, 'Put {"<portal id>": "<access token>"} here');
    this.output('DigestKeyArn', digests.key.keyArn, 'Signs the digests of what was written');
    this.output('WriteDigestName', digests.function.functionName, 'Writes a digest when it is invoked');
    this.output('ChangesQueueUrl', digests.changes.queueUrl, 'What was written, until a digest lists it');
    this.output('AlarmTopicArn', alarms.topic.topicArn, 'Subscribe to hear of alarms');
  }

  /** One queue for each road; what cannot be dealt with is set aside in the same place. */
  private addQueues({ coalesceSeconds }: Config): Record<Route, ThreadQueue> {
    const consumerTimeout = ARCHIVER_TIMEOUT;
    const coalesce = Duration.seconds(coalesceSeconds);
    const ordinary = new ThreadQueue(this, 'ThreadQueue', { coalesce, consumerTimeout });
    const atOnce = {
      coalesce: Duration.seconds(0),
      consumerTimeout,
      deadLetterQueue: ordinary.deadLetterQueue,
    };
    return {
      ordinary,
      urgent: new ThreadQueue(this, 'UrgentQueue', atOnce),
      erasure: new ThreadQueue(this, 'ErasureQueue', atOnce),
    };
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
