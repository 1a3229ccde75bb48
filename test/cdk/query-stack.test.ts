import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { codeBlocks, readDocument, section } from '../docs/markdown.ts';
import { SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { policyOf } from './policy.ts';
import { createStack } from './synthesise.ts';

type Named = { Name: string; Type: string; Comment?: string };
type TableInput = {
  Name: string;
  TableType: string;
  Parameters: Record<string, unknown>;
  PartitionKeys: Named[];
  StorageDescriptor: { Columns: Named[]; Location: unknown };
};

const { stack, queryStack } = createStack();
const template = Template.fromStack(queryStack);
const tables = tablesOf(template);
const DOCUMENTED = codeBlocks(section(readDocument('docs/data-dictionary.md'), '## Athena'), 'sql').slice(1);

describe('the tables', () => {
  it('are those of the data dictionary, with its columns, types and partitions', () => {
    const made = tables.map(({ Name, StorageDescriptor: { Columns }, PartitionKeys }) => [
      Name,
      Columns.map((column) => `\`${column.Name}\` ${column.Type}`),
      PartitionKeys.map((column) => `\`${column.Name}\` ${column.Type}`),
    ]);

    expect(made).toEqual(
      DOCUMENTED.map((statement) => [
        /TABLE threadvault\.(\w+)/.exec(statement)?.[1],
        Array.from(statement.matchAll(/^ {2}(`\w+` .*?),?$/gm), ([, column]) => column),
        /PARTITIONED BY \((.*)\)$/m.exec(statement)?.[1]?.split(', '),
      ]),
    );
  });

  it('say of each column what it means', () => {
    const comments = tables.flatMap(({ StorageDescriptor: { Columns } }) =>
      Columns.map(({ Comment }) => Comment),
    );

    // Glue takes 255 characters (https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html).
    expect(comments.filter((comment = '') => comment.length === 0 || comment.length > 255)).toEqual([]);
  });

  it('have the properties of the data dictionary, for the bucket of the archive', () => {
    const made = tables.map(({ Parameters }) => {
      const { EXTERNAL, ...properties } = Parameters;
      expect(EXTERNAL).toBe('TRUE');
      return Object.entries(properties).map(([key, value]) => `'${key}' = '${atBucket(value)}'`);
    });

    expect(made).toEqual(
      DOCUMENTED.map((statement) =>
        Array.from(statement.matchAll(/^ {2}('[^']+' = '[^']+'),?$/gm), ([, property]) => property),
      ),
    );
  });

  it('are read line by line by the Hive JSON SerDe, from the prefix of their own', () => {
    for (const { Name, StorageDescriptor } of tables) {
      expect({ ...StorageDescriptor, Location: atBucket(StorageDescriptor.Location) }).toMatchObject({
        Location: `s3://amzn-s3-demo-bucket/${Name}/`,
        InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
        OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        SerdeInfo: { SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
      });
    }
  });

  it('know every account, and the days from the first that is wanted', () => {
    const other = createStack({ portals: '62515,62516', queryFirstDay: '2024-02-29' });

    const [messages, threads] = tablesOf(Template.fromStack(other.queryStack));

    expect(messages?.Parameters).toMatchObject({
      'projection.portal_id.values': '62515,62516',
      'projection.dt.range': '2024-02-29,NOW+1DAY',
    });
    expect(threads?.Parameters).toMatchObject({ 'projection.portal_id.values': '62515,62516' });
  });

  it('are in the database threadvault', () => {
    template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'threadvault' } });
    template.allResourcesProperties('AWS::Glue::Table', { DatabaseName: { Ref: 'Database' } });
  });
});

describe('the workgroup', () => {
  it('enforces a limit, encryption and where answers go', () => {
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'threadvault',
      State: 'ENABLED',
      RecursiveDeleteOption: true,
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        PublishCloudWatchMetricsEnabled: true,
        BytesScannedCutoffPerQuery: 100_000_000_000,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        ResultConfiguration: {
          OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: 'Results25575328' }, '/']] },
          ExpectedBucketOwner: { Ref: 'AWS::AccountId' },
          EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
        },
      },
    });
  });

  it('takes its limit from the configuration', () => {
    const { queryStack: other } = createStack({ athenaScanLimitGigabytes: '1' });

    Template.fromStack(other).hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 1_000_000_000 },
    });
  });
});

describe('the saved queries', () => {
  const saved = Object.values(template.findResources('AWS::Athena::NamedQuery')) as {
    Properties: Record<string, unknown> & { QueryString: string };
  }[];

  it('are all there, in the workgroup and over the tables', () => {
    expect(saved.map(({ Properties: { QueryString: _, ...properties } }) => properties)).toEqual(
      SAVED_QUERIES.map(({ name, description }) => ({
        Name: name,
        Description: description,
        Database: { Ref: 'Database' },
        WorkGroup: { Ref: 'WorkGroup' },
      })),
    );
  });

  it('have an example in place of each parameter', () => {
    const texts = saved.map(({ Properties }) => Properties.QueryString);

    expect(texts.filter((sql) => /:[a-z]/.test(sql))).toEqual([]);
    expect(texts.filter((sql) => !sql.includes("portal_id = '62515'"))).toEqual([]);
  });
});

describe('the bucket of the answers', () => {
  it('is private, forgets after 30 days, has no lock and no versions, and stays when the stack goes', () => {
    const buckets = Object.values(template.findResources('AWS::S3::Bucket'));

    expect(buckets).toEqual([
      {
        Type: 'AWS::S3::Bucket',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
            ],
          },
          LifecycleConfiguration: {
            Rules: [
              {
                ExpirationInDays: 30,
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
                Status: 'Enabled',
              },
            ],
          },
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        },
      },
    ]);
  });

  it('refuses requests without TLS', () => {
    expect(policyOf(template, 'Results')).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });
});

describe('the stack', () => {
  it('holds nothing but tables, views, queries, the workgroup and its bucket: no role, no function', () => {
    const types = Object.values(template.toJSON()['Resources'] as Record<string, { Type: string }>);

    expect([...new Set(types.map(({ Type }) => Type))].sort()).toEqual([
      'AWS::Athena::NamedQuery',
      'AWS::Athena::WorkGroup',
      'AWS::Glue::Database',
      'AWS::Glue::Table',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
    ]);
  });

  it('is deployed after the archive, and exports nothing of it', () => {
    expect(queryStack.dependencies).toEqual([stack]);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('"Export"');
  });

  it('tells where to ask', () => {
    expect(Object.keys(template.findOutputs('*'))).toEqual([
      'DatabaseName',
      'WorkGroupName',
      'ResultsBucketName',
    ]);
  });
});

/** The tables over files, without the views. */
function tablesOf(of: Template): TableInput[] {
  const resources = Object.values(of.findResources('AWS::Glue::Table')) as {
    Properties: { TableInput: TableInput };
  }[];
  return resources
    .map(({ Properties }) => Properties.TableInput)
    .filter(({ TableType }) => TableType === 'EXTERNAL_TABLE');
}

/** A text with the archive's bucket in it as the data dictionary has it. */
function atBucket(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join': [string, (string | object)[]] };
  const archive = { 'Fn::GetStackOutput': { StackName: 'Threadvault', OutputName: 'ArchiveBucketName' } };
  return join[1]
    .map((part) => {
      if (typeof part === 'string') return part;
      expect(part).toMatchObject(archive);
      return 'amzn-s3-demo-bucket';
    })
    .join(join[0]);
}
