import { type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { createStack, synthesise } from './synthesise.ts';

type Bucket = {
  DeletionPolicy: string;
  UpdateReplacePolicy: string;
  Properties: Record<string, unknown> & { LifecycleConfiguration: { Rules: object[] } };
};

const ABORT = { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' };
const GOVERNANCE = { retentionMode: 'governance', retentionDays: '90' };
const COMPLIANCE = { retentionMode: 'compliance', retentionDays: '2555', complianceCannotBeUndone: 'true' };
const COLD = { coldStorageDays: '60', coldStorageClass: 'STANDARD_IA' };

const none = archiveOf(synthesise());
const governance = archiveOf(synthesise(GOVERNANCE));
const compliance = archiveOf(synthesise(COMPLIANCE));
const cold = archiveOf(synthesise(COLD));

describe('retention', () => {
  it('is off unless a mode is chosen, and legal holds work all the same', () => {
    expect(none.Properties).toMatchObject({ ObjectLockEnabled: true });
    expect(none.Properties).not.toHaveProperty('ObjectLockConfiguration');
  });

  it.each([
    ['GOVERNANCE', 90, governance],
    ['COMPLIANCE', 2555, compliance],
  ])('locks every version that is written: %s for %i days', (Mode, Days, { Properties }) => {
    expect(Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days } } },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  it.each([
    ['none', {}, none],
    ['governance', GOVERNANCE, governance],
    ['compliance', COMPLIANCE, compliance],
  ])('leaves the bucket when the stack goes, and the stack protected: %s', (_, context, bucket) => {
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(createStack(context).stack.terminationProtection).toBe(true);
  });
});

describe('the lifecycle', () => {
  it('without a mode lets no version expire', () => {
    expect(none.Properties.LifecycleConfiguration.Rules).toEqual([ABORT]);
  });

  it.each([
    ['governance', 90, governance],
    ['compliance', 2555, compliance],
  ])('with mode %s lets replaced versions expire no sooner than their lock ends', (_, days, bucket) => {
    expect(bucket.Properties.LifecycleConfiguration.Rules).toEqual([
      ABORT,
      {
        NoncurrentVersionExpiration: { NoncurrentDays: days },
        ExpiredObjectDeleteMarker: true,
        Status: 'Enabled',
      },
    ]);
  });

  it('never lets the newest version of anything expire', () => {
    const rules = [none, governance, compliance, cold].flatMap(
      ({ Properties }) => Properties.LifecycleConfiguration.Rules,
    );

    const expiring = rules.flatMap((rule) => Object.keys(rule)).filter((key) => key.startsWith('Expiration'));

    expect(expiring).toEqual([]);
  });

  it('moves large attached files to a colder class when told, and nothing else', () => {
    expect(cold.Properties.LifecycleConfiguration.Rules).toEqual([
      ABORT,
      {
        Prefix: 'attachments/',
        ObjectSizeGreaterThan: 131_072,
        Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 60 }],
        Status: 'Enabled',
      },
    ]);
  });
});

function archiveOf(template: Template): Bucket {
  return template.findResources('AWS::S3::Bucket')['ArchiveBucket49F1AC64'] as unknown as Bucket;
}
