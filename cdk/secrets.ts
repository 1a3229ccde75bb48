import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/**
 * A secret that the operator fills in after the deployment.
 *
 * Until then it holds a random string: no known placeholder that a forger could sign with, and not the JSON that
 * the function expects, so that it says what is missing. It goes with the stack: HubSpot has the value too, and a
 * stack that is gone should leave no live token behind.
 */
export class OperatorSecret extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string, description: string) {
    super(scope, id);
    const secret = new Secret(this, 'Secret', { description, removalPolicy: RemovalPolicy.DESTROY });
    this.secretArn = secret.secretArn;
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'HubSpot offers no way to rotate it by program; the operator rotates it by hand, without downtime.',
    });
  }

  /** Lets the role read the secret. Actions: secretsmanager:GetSecretValue (grantRead adds DescribeSecret). */
  grantRead(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.secretArn] }),
    );
  }
}
