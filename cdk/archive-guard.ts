import { DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Config } from './config.ts';

/** Who may do to the archive what nobody else may. */
export type ArchiveGuardProps = {
  bucket: Bucket;
  /** The role that erases; it deletes versions, as far as no lock keeps them. */
  eraser: IRole;
  roles: Pick<Config, 'breakGlassRoleArn' | 'holdRoleArn'>;
};

/**
 * Adds to the bucket's policy what is refused to everybody in the account, whatever IAM allows them, save for the roles named.
 * The statements are the same in every retention mode: what was locked under a mode stays guarded when the mode is left.
 *
 * - s3:BypassGovernanceRetention, s3:PutObjectRetention: refused save for the break-glass role.
 * - s3:DeleteObject, s3:DeleteObjectVersion: refused save for the eraser and the break-glass role. A delete marker alone takes
 *   nothing away, but what it covers is replaced then, and in time S3 would expire it.
 * - s3:PutObjectLegalHold with any other value than ON: refused save for the hold role and the break-glass role. To put a
 *   hold on is up to IAM.
 * - s3:PutBucketObjectLockConfiguration, s3:PutLifecycleConfiguration, s3:PutBucketVersioning: refused save for deployments
 *   and the break-glass role.
 *
 * Nobody is refused to read, list, write, or change the policy itself, so neither CloudFormation nor an administrator is
 * locked out. Roles are told by aws:PrincipalArn, which is the role's ARN in each of its sessions
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, read November 2026). The
 * conditions also hold for a request without that key. The actions and the keys for locks:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html (read November 2026).
 */
export function guardArchive({
  bucket,
  eraser,
  roles: { breakGlassRoleArn, holdRoleArn },
}: ArchiveGuardProps) {
  const objects = bucket.arnForObjects('*');
  const breakGlass = breakGlassRoleArn === undefined ? [] : [breakGlassRoleArn];
  const holders = holdRoleArn === undefined ? breakGlass : [holdRoleArn, ...breakGlass];
  const statements = [
    refuse('OnlyBreakGlassPassesRetention', {
      actions: ['s3:BypassGovernanceRetention', 's3:PutObjectRetention'],
      resource: objects,
      saveFor: breakGlass,
    }),
    refuse('OnlyErasureDeletes', {
      actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      resource: objects,
      saveFor: [eraser.roleArn, ...breakGlass],
    }),
    refuse('OnlyHoldRoleReleasesHolds', {
      actions: ['s3:PutObjectLegalHold'],
      resource: objects,
      saveFor: holders,
      conditions: { StringNotEquals: { 's3:object-lock-legal-hold': 'ON' } },
    }),
    refuse('OnlyDeploymentsChangeSettings', {
      actions: [
        's3:PutBucketObjectLockConfiguration',
        's3:PutLifecycleConfiguration',
        's3:PutBucketVersioning',
      ],
      resource: bucket.bucketArn,
      saveFor: [deployerArn(bucket), ...breakGlass],
    }),
  ];
  for (const statement of statements) bucket.addToResourcePolicy(statement);
}

type Refusal = {
  actions: string[];
  resource: string;
  /** ARNs of roles; when there is none, everybody is refused. */
  saveFor: string[];
  conditions?: Record<string, Record<string, unknown>>;
};

function refuse(sid: string, { actions, resource, saveFor, conditions = {} }: Refusal): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: [resource],
    conditions: {
      ...conditions,
      ...(saveFor.length > 0 && { ArnNotEquals: { 'aws:PrincipalArn': saveFor } }),
    },
  });
}

/** The role that CloudFormation works with when `cdk deploy` has it change the stack: one of the bootstrapping's. */
function deployerArn(bucket: Bucket): string {
  const { synthesizer } = Stack.of(bucket);
  if (!(synthesizer instanceof DefaultStackSynthesizer))
    throw new TypeError('the policy of the archive needs the role of a bootstrapped account');
  return Fn.sub(synthesizer.cloudFormationExecutionRoleArn);
}
