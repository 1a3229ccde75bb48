import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyOf, refusals, type Request } from './policy.ts';
import { synthesise } from './synthesise.ts';

const BREAK_GLASS = 'arn:aws:iam::123456789012:role/BreakGlass';
const LEGAL = 'arn:aws:iam::123456789012:role/Legal';
const ERASER = 'ErasingEraserRole.Arn';
const ARCHIVER = 'ThreadsArchiverRole.Arn';
const DEPLOYER =
  'arn:AWS::Partition:iam::AWS::AccountId:role/cdk-hnb659fds-cfn-exec-role-AWS::AccountId-AWS::Region';
const ADMIN = 'arn:aws:iam::123456789012:role/Admin';
const ROOT = 'arn:aws:iam::123456789012:root';

const BUCKET = 'ArchiveBucket.Arn';
const OBJECT = `${BUCKET}/messages/portal_id=62515/dt=2026-11-25/1.json.gz`;
const SECURE = { 'aws:SecureTransport': 'true', 's3:TlsVersion': 1.3 };

const named = policyOf(synthesise({ breakGlassRoleArn: BREAK_GLASS, holdRoleArn: LEGAL }), 'ArchiveBucket');
const nobody = policyOf(synthesise(), 'ArchiveBucket');
const retained = policyOf(
  synthesise({
    breakGlassRoleArn: BREAK_GLASS,
    holdRoleArn: LEGAL,
    retentionMode: 'governance',
    retentionDays: 30,
  }),
  'ArchiveBucket',
);

const OF_BUCKET = [
  's3:PutBucketObjectLockConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutBucketVersioning',
];

/** What is refused, and to whom it is not. */
const GUARDED: [action: string, saveFor: string[], values?: Request['context']][] = [
  ['s3:BypassGovernanceRetention', [BREAK_GLASS]],
  ['s3:PutObjectRetention', [BREAK_GLASS]],
  ['s3:DeleteObject', [BREAK_GLASS, ERASER]],
  ['s3:DeleteObjectVersion', [BREAK_GLASS, ERASER]],
  ['s3:PutObjectLegalHold', [BREAK_GLASS, LEGAL], { 's3:object-lock-legal-hold': 'OFF' }],
  ['s3:PutObjectLegalHold', [BREAK_GLASS, LEGAL]],
  ...OF_BUCKET.map((action): [string, string[]] => [action, [BREAK_GLASS, DEPLOYER]]),
];

const PRINCIPALS = [BREAK_GLASS, LEGAL, ERASER, ARCHIVER, DEPLOYER, ADMIN, ROOT];

describe('the policy of the archive bucket', () => {
  it.each(GUARDED)('refuses %s to everybody but %j', (action, saveFor, values) => {
    const allowed = PRINCIPALS.filter((who) => refusals(named, request(who, action, values)).length === 0);

    expect(allowed.sort()).toEqual(saveFor.toSorted());
  });

  it('lets whoever IAM allows put a legal hold on', () => {
    const refused = PRINCIPALS.filter(
      (who) =>
        refusals(named, request(who, 's3:PutObjectLegalHold', { 's3:object-lock-legal-hold': 'ON' })).length >
        0,
    );

    expect(refused).toEqual([]);
  });

  it('refuses nobody to read, to list, to write or to manage the bucket, so that nobody is locked out', () => {
    const actions = [
      's3:GetObject',
      's3:GetObjectVersion',
      's3:PutObject',
      's3:GetObjectRetention',
      's3:GetObjectLegalHold',
      's3:ListBucket',
      's3:ListBucketVersions',
      's3:GetBucketPolicy',
      's3:PutBucketPolicy',
      's3:DeleteBucketPolicy',
      's3:GetBucketObjectLockConfiguration',
      's3:GetLifecycleConfiguration',
      's3:PutBucketLogging',
      's3:PutBucketTagging',
      's3:PutEncryptionConfiguration',
      's3:PutBucketPublicAccessBlock',
      's3:PutBucketOwnershipControls',
    ];

    const refused = [named, nobody].flatMap((policy) =>
      PRINCIPALS.flatMap((who) =>
        actions.filter((action) => refusals(policy, request(who, action)).length > 0),
      ),
    );

    expect(refused).toEqual([]);
  });

  it('refuses every role in the world what it guards, unless the role is named', () => {
    const role = fc
      .tuple(fc.stringMatching(/^\d{12}$/), fc.stringMatching(/^[\w+=,.@/-]{1,40}$/))
      .map(([account, name]) => `arn:aws:iam::${account}:role/${name}`);
    const guarded = fc.constantFrom(...GUARDED);

    fc.assert(
      fc.property(role, guarded, (who, [action, , values]) => {
        fc.pre(!PRINCIPALS.includes(who));
        expect(refusals(named, request(who, action, values))).toHaveLength(1);
        expect(refusals(nobody, request(who, action, values))).toHaveLength(1);
      }),
    );
  });

  it('refuses a request that no role is behind', () => {
    for (const [action, , values] of GUARDED) {
      const { context, ...rest } = request(ADMIN, action, values);
      const { 'aws:PrincipalArn': _, ...anonymous } = context;

      expect(refusals(named, { ...rest, context: anonymous })).toHaveLength(1);
    }
  });

  it('refuses everybody, deployments and erasures aside, when no role is named', () => {
    const allowed = GUARDED.flatMap(([action, , values]) =>
      PRINCIPALS.filter((who) => refusals(nobody, request(who, action, values)).length === 0),
    );

    expect([...new Set(allowed)].sort()).toEqual([ERASER, DEPLOYER].sort());
  });

  it('is the same in every mode, so that what is locked stays guarded when the mode is left', () => {
    expect(retained).toEqual(named);
  });

  it('refuses everything without TLS, to the break-glass role too', () => {
    const insecure = request(BREAK_GLASS, 's3:GetObject', { 'aws:SecureTransport': 'false' });

    expect(refusals(named, insecure)).toHaveLength(1);
  });
});

function request(who: string, action: string, values: Request['context'] = {}): Request {
  return {
    action,
    resource: /Bucket|Configuration/.test(action) ? BUCKET : OBJECT,
    context: { ...SECURE, 'aws:PrincipalArn': who, ...values },
  };
}
