import { ArnFormat, Aws, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { DIGESTS_PREFIX } from '../functions/archive/layout.ts';
import { DATABASE_NAME, TABLES } from '../functions/archive/tables.ts';
import { COPIED_TABLES, COPY_DATABASE_NAME, DIGEST_LINES } from '../queries/analytics-copy.ts';
import { bucketResource } from './bucket-resource.ts';

/** What the copy is made from, with and into. */
export type CopyPlaces = {
  /** The archive's bucket, by its name. */
  archive: string;
  copy: Bucket;
  /** Where Athena writes answers to. */
  results: Bucket;
  /** Athena's workgroup, by its name. */
  workGroup: string;
};

/** What is read of the archive. */
const READ = [...COPIED_TABLES.map((table) => TABLES[table].prefix), DIGESTS_PREFIX];
const WRITE = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const LIST = ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'];

/**
 * The role of the state machine of the analytics copy, and of Athena with it: Athena reads and writes with the rights of who
 * asks it (https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html, read November 2026). It reads what
 * is copied and the digests of the archive and can write nothing there; of tables it writes those of the copy and no other.
 */
export class CopyRole extends Role {
  constructor(scope: Construct, id: string, places: CopyPlaces) {
    const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
    super(scope, id, { assumedBy: new ServicePrincipal('states.amazonaws.com', { conditions }) });
    this.allowQueries(places.workGroup);
    this.allowTables();
    this.allowFiles(places);
    this.acknowledge(places);
  }

  private allowQueries(workGroup: string): void {
    this.allow(
      [
        'athena:StartQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:StopQueryExecution',
      ],
      [this.arn('athena', 'workgroup', workGroup)],
    );
    this.allow(['athena:GetDataCatalog'], [this.arn('athena', 'datacatalog', 'AwsDataCatalog')]);
  }

  /**
   * Whoever may use a table needs the same right to its database and to the catalog, and to look at the database `default`
   * (https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html, read November 2026).
   */
  private allowTables(): void {
    const catalog = this.arn('glue', 'catalog');
    const database = (name: string) => this.arn('glue', 'database', name);
    const [archive, copy] = [database(DATABASE_NAME), database(COPY_DATABASE_NAME)];
    const table = (database: string, name: string) => this.arn('glue', 'table', `${database}/${name}`);
    const copied = COPIED_TABLES.map((name) => table(COPY_DATABASE_NAME, name));
    const sources = COPIED_TABLES.map((name) => table(DATABASE_NAME, name));
    this.allow(['glue:GetDatabase'], [catalog, archive, copy, database('default')]);
    this.allow(
      ['glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'],
      [catalog, archive, copy, ...sources, table(COPY_DATABASE_NAME, DIGEST_LINES), ...copied],
    );
    this.allow(['glue:CreateTable', 'glue:UpdateTable', 'glue:DeleteTable'], [catalog, copy, ...copied]);
  }

  private allowFiles({ archive, copy, results }: CopyPlaces): void {
    const archiveArn = Stack.of(this).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: archive,
    });
    this.allow(
      ['s3:GetObject'],
      READ.map((prefix) => `${archiveArn}/${prefix}*`),
    );
    this.allow(['s3:ListBucket', 's3:GetBucketLocation'], [archiveArn]);
    this.allow([...WRITE, 's3:DeleteObject'], [copy.arnForObjects('*')]);
    this.allow(WRITE, [results.arnForObjects('*')]);
    this.allow(LIST, [copy.bucketArn, results.bucketArn]);
  }

  private acknowledge({ archive, copy, results }: CopyPlaces): void {
    const stack = Stack.of(this);
    const own = [copy, results].map((bucket) => `<${logicalId(bucket)}.Arn>/*`);
    const name = JSON.stringify(stack.resolve(archive));
    const ofArchive = READ.map((prefix) => `arn:<AWS::Partition>:s3:::${name}/${prefix}*`);
    for (const resource of [...own, ...ofArchive]) {
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason: 'The objects there have keys that are not known beforehand.',
      });
    }
  }

  private allow(actions: string[], resources: string[]): void {
    this.addToPolicy(new PolicyStatement({ actions, resources }));
  }

  private arn(service: string, resource: string, resourceName?: string): string {
    return Stack.of(this).formatArn(
      resourceName === undefined
        ? { service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME }
        : { service, resource, resourceName },
    );
  }
}

function logicalId(bucket: Bucket): string {
  return Stack.of(bucket).getLogicalId(bucketResource(bucket));
}
