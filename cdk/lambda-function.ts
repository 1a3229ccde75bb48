import { join } from 'node:path';
import { RemovalPolicy, type Duration, type Size } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat, type BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../functions/telemetry.ts';

const PROJECT_ROOT = join(import.meta.dirname, '..');

/**
 * How every Lambda is bundled. The SDK is in the bundle: the version that was tested runs, and one minified file
 * loads faster than the runtime's copy. `module` before `main`, or the SDK's CommonJS build comes along, half as
 * big again. No source maps: Node would read two megabytes of map at each cold start (measured: a fifth slower, 15 MB
 * more) for stack traces, which the logs do not hold anyway.
 */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: false,
  bundleAwsSDK: true,
};

/** What differs from Lambda to Lambda. */
export type LambdaFunctionProps = {
  /** Name of the file in `functions/` that exports `handler`, without its extension; also the name in logs and metrics. */
  entry: string;
  /** One sentence, shown in the console. */
  description: string;
  /** In MB. The share of a CPU grows with it: 1,769 MB are one. */
  memorySize: number;
  /** At most 15 minutes. */
  timeout: Duration;
  /**
   * What it may keep in `/tmp`.
   *
   * @default - 512 MiB
   */
  ephemeralStorageSize?: Size;
  /** The variables of `functions/env.ts`. */
  environment: Record<string, string>;
  /**
   * Whether it queues anew what it was given from the same queue. Lambda takes that for an endless loop, and drops the
   * record after about 16 rounds, unless told that it is meant
   * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html, read November 2026).
   *
   * @default false
   */
  requeues?: boolean;
  /**
   * How often an asynchronous call that failed is repeated, 0 to 2.
   *
   * @default - Lambda's own: 2
   */
  retryAttempts?: number;
};

/**
 * A Lambda as all of ours are: Node.js 24 on arm64, JSON logs in a log group of its own, and a role that starts
 * out with nothing but writing there. (AWSLambdaBasicExecutionRole would let it write every log group of the account.)
 *
 * None reserves concurrency. A new account has 10 concurrent executions and may reserve none of them, so the
 * deployment would fail there; and nothing needs it: the API throttles the receiver, the queue's event source
 * mapping limits the archiver.
 */
export class LambdaFunction extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: LambdaFunctionProps) {
    super(scope, id);
    const { entry, environment, requeues = false, ...settings } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    this.function = new NodejsFunction(this, 'Function', {
      ...settings,
      entry: join(PROJECT_ROOT, 'functions', `${entry}.ts`),
      projectRoot: PROJECT_ROOT,
      depsLockFilePath: join(PROJECT_ROOT, 'package-lock.json'),
      bundling: BUNDLING,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      recursiveLoop: requeues ? RecursiveLoop.ALLOW : RecursiveLoop.TERMINATE,
      environment: {
        ...environment,
        POWERTOOLS_SERVICE_NAME: entry,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
      },
    });
  }
}
