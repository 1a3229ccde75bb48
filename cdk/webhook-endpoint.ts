import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ReceiveWebhookEnv } from '../functions/env.ts';
import type { Route } from '../functions/thread-queue/route.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { OperatorSecret } from './secrets.ts';
import type { ThreadQueue } from './thread-queue.ts';

const WEBHOOK_PATH = '/webhook';

/**
 * HubSpot keeps at most 10 requests in flight for each account that installed the app
 * (https://developers.hubspot.com/docs/api/webhooks, read November 2026). Answered in 200 ms, that is 50 requests
 * and up to 5,000 events a second; the burst takes all ten of several accounts at once. A request above it is answered
 * 429 and comes again: HubSpot retries for 24 hours. So the limit loses nothing, and bounds what a flood costs.
 */
const REQUESTS_PER_SECOND = 50;
const BURST_REQUESTS = 100;

/**
 * One JSON object per request: what became of it, how long it took, and where it failed. No address and no user
 * agent: for HubSpot they say nothing, for anybody else they are personal data.
 * Variables: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 * (read November 2026).
 */
const ACCESS_LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    routeKey: '$context.routeKey',
    status: '$context.status',
    responseLatency: '$context.responseLatency',
    integrationLatency: '$context.integrationLatency',
    integrationStatus: '$context.integrationStatus',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** What the endpoint is joined to. */
export type WebhookEndpointProps = {
  /** HubSpot account ids whose events are taken. */
  portals: string[];
  /**
   * The URL as HubSpot calls it, where that is not the API's own.
   *
   * @default - the API's own
   */
  webhookUrl: string | undefined;
  /** Where threads go, by the road that their events ask for. */
  queues: Readonly<Record<Route, ThreadQueue>>;
  clientSecret: OperatorSecret;
};

/** Where HubSpot delivers its events: an HTTP API with one route, and receive-webhook behind it. */
export class WebhookEndpoint extends Construct {
  readonly stage: HttpStage;
  /** The URL to enter in HubSpot. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: WebhookEndpointProps) {
    super(scope, id);
    const api = new HttpApi(this, 'Api', {
      description: 'Threadvault: HubSpot delivers its webhooks here',
      // Made below instead, with throttling and an access log.
      createDefaultStage: false,
    });
    this.stage = this.addStage(api);
    const [route] = api.addRoutes({
      path: WEBHOOK_PATH,
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('ReceiveWebhook', this.addReceiver(props).function),
    });
    if (route !== undefined) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'HubSpot signs each request over its body, which no authorizer gets to see: receive-webhook checks it.',
      });
    }
    this.url = props.webhookUrl ?? `${api.apiEndpoint}${WEBHOOK_PATH}`;
  }

  private addStage(api: HttpApi): HttpStage {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: api,
      // Any other name would be part of the path, and so of what HubSpot signs.
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_PER_SECOND, burstLimit: BURST_REQUESTS },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: ACCESS_LOG_FORMAT },
    });
  }

  private addReceiver({ portals, webhookUrl, queues, clientSecret }: WebhookEndpointProps): LambdaFunction {
    const receiver = new LambdaFunction(this, 'Receiver', {
      entry: 'receive-webhook',
      description: 'Checks the signature of a HubSpot webhook and queues the threads that it names',
      // The work is a TLS handshake or two and an HMAC: with half a GB a cold start answers well within HubSpot's 5 s.
      memorySize: 512,
      // After 5 s HubSpot has given up and will call again; a slow request may still queue what it brought.
      timeout: Duration.seconds(10),
      environment: {
        PORTALS: portals.join(','),
        THREAD_QUEUE_URL: queues.ordinary.queue.queueUrl,
        URGENT_QUEUE_URL: queues.urgent.queue.queueUrl,
        ERASURE_QUEUE_URL: queues.erasure.queue.queueUrl,
        CLIENT_SECRET_ARN: clientSecret.secretArn,
        ...(webhookUrl !== undefined && { WEBHOOK_URL: webhookUrl }),
      } satisfies ReceiveWebhookEnv,
    });
    for (const queue of Object.values(queues)) queue.grantSend(receiver.role);
    clientSecret.grantRead(receiver.role);
    return receiver;
  }
}
