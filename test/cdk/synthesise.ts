import { readFileSync } from 'node:fs';
import { Stack, type AppProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../cdk/app.ts';

const cdkJson = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };

/** What `cdk.json` and one `-c portals=62515` put into the app's context, and no bundling unless asked for. */
const CONTEXT = { ...cdkJson.context, portals: '62515', 'aws:cdk:bundling-stacks': [] };

/** The app as `cdk synth -c portals=62515 …` makes it, and its two stacks. */
export function createStack(context: Record<string, unknown> = {}, props: AppProps = {}) {
  const app = createApp({ ...props, context: { ...CONTEXT, ...context } });
  return {
    app,
    stack: Stack.of(app.node.findChild('Threadvault')),
    queryStack: Stack.of(app.node.findChild('ThreadvaultQuery')),
  };
}

/** The template of the archive's stack. Takes a second: once per configuration, outside the tests. */
export function synthesise(context: Record<string, unknown> = {}): Template {
  return Template.fromStack(createStack(context).stack);
}

/** An intrinsic function as text: `Archive.Arn/messages/*`, without the hash of logical ids. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  if (name === 'Ref') return withoutHash(argument as string);
  if (name === 'Fn::Sub') return (argument as string).replaceAll(/\$\{([\w:]+)\}/g, '$1');
  if (name === 'Fn::GetStackOutput') {
    const { StackName, OutputName } = argument as { StackName: string; OutputName: string };
    return `${StackName}.${OutputName}`;
  }
  if (name === 'Fn::Base64') return Buffer.from(readable(argument)).toString('base64');
  const [first, second] = argument as [string, unknown];
  if (name === 'Fn::GetAtt') return `${withoutHash(first)}.${second as string}`;
  if (name === 'Fn::Join') return (second as unknown[]).map(readable).join(first);
  throw new TypeError(`not an intrinsic function of ours: ${name}`);
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
