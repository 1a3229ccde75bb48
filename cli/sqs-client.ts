import { SQSClient } from '@aws-sdk/client-sqs';

/** SQS, with the AWS SDK's credentials and region. */
export function createSqsClient(): SQSClient {
  // Otherwise the host in a queue's URL would win over AWS_ENDPOINT_URL.
  return new SQSClient({ useQueueUrlAsEndpoint: false });
}
