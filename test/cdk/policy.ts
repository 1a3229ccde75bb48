import { type Template } from 'aws-cdk-lib/assertions';
import { readable } from './synthesise.ts';

/** A request as the policy of a bucket sees it. `context` has the condition keys that S3 fills in. */
export type Request = { action: string; resource: string; context: Record<string, string | number> };

type Statement = {
  Sid?: string;
  Effect: string;
  Principal: unknown;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
};
type Policy = { Properties: { Bucket: unknown; PolicyDocument: { Statement: Statement[] } } };
type RolePolicy = { Properties: { Roles: unknown[]; PolicyDocument: { Statement: Statement[] } } };

/** What a role may do, a line for each statement of its policies, readable. All of them allow. */
export function permissionsOf(template: Template, role: string): string[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy') as Record<string, RolePolicy>);
  return policies
    .filter(({ Properties }) => Properties.Roles.map(readable).includes(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .map(({ Effect, Action, Resource, Condition }) => {
      if (Effect !== 'Allow') throw new TypeError(`a statement that does not allow: ${Effect}`);
      const terms = Object.entries(Condition ?? {}).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, value]) => ` if ${operator} ${key} ${String(value)}`),
      );
      return `${[Action].flat().join(', ')} on ${[Resource].flat().map(readable).join(', ')}${terms.join('')}`;
    });
}

/** The statements of a bucket's policy. Resources and roles are named as `readable` names them. */
export function policyOf(template: Template, bucket: string): Statement[] {
  const policies = Object.values(template.findResources('AWS::S3::BucketPolicy') as Record<string, Policy>);
  return policies
    .filter(({ Properties }) => readable(Properties.Bucket) === bucket)
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/**
 * The Sids of the statements that refuse a request, as IAM evaluates them: a deny counts when action, resource and every
 * condition match; a condition that negates holds for a missing key
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, read November 2026).
 * Knows what our policies use; anything else throws.
 */
export function refusals(policy: Statement[], request: Request): string[] {
  return policy
    .filter(({ Effect }) => Effect === 'Deny')
    .filter((statement) => applies(statement, request))
    .map(({ Sid }) => Sid ?? 'no Sid');
}

function applies({ Principal, Action, Resource, Condition = {} }: Statement, request: Request): boolean {
  if (JSON.stringify(Principal) !== '{"AWS":"*"}') throw new TypeError('a deny for some principals only');
  return (
    [Action].flat().some((pattern) => matches(pattern, request.action)) &&
    [Resource].flat().some((pattern) => matches(readable(pattern), request.resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        holds(operator, request.context[key], [values].flat().map(asText)),
      ),
    )
  );
}

function holds(operator: string, given: string | number | undefined, values: string[]): boolean {
  switch (operator) {
    case 'Bool':
      return given !== undefined && values.includes(String(given));
    case 'NumericLessThan':
      return given !== undefined && values.some((value) => Number(given) < Number(value));
    case 'StringNotEquals':
      return given === undefined || !values.includes(String(given));
    case 'ArnNotEquals':
      return given === undefined || !values.some((value) => matches(value, String(given)));
    default:
      throw new TypeError(`not a condition of ours: ${operator}`);
  }
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}

function asText(value: unknown): string {
  return typeof value === 'object' ? readable(value) : JSON.stringify(value).replaceAll('"', '');
}
