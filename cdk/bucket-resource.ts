import { type Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';

/** The CloudFormation resource of a bucket, for what its construct cannot set. */
export function bucketResource(bucket: Bucket): CfnBucket {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new TypeError('a bucket without its CloudFormation resource');
  return resource;
}
