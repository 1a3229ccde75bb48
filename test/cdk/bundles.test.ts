import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ARCHIVE_THREAD_ENV,
  RECEIVE_WEBHOOK_ENV,
  SWEEP_THREADS_ENV,
  WRITE_DIGEST_ENV,
} from '../support/env.ts';
import { createStack } from './synthesise.ts';

/** All variables of the Lambdas: enough to load them, nothing is called. */
const ENVIRONMENT = {
  ...RECEIVE_WEBHOOK_ENV,
  ...ARCHIVE_THREAD_ENV,
  ...SWEEP_THREADS_ENV,
  ...WRITE_DIGEST_ENV,
  POWERTOOLS_METRICS_NAMESPACE: 'Threadvault',
  AWS_REGION: 'eu-central-1',
};

const outdir = mkdtempSync(join(tmpdir(), 'threadvault-bundles-'));
const { stack } = createStack({ 'aws:cdk:bundling-stacks': ['**'] }, { outdir });
const template = Template.fromStack(stack);

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

describe.each([
  ['receive-webhook', 480],
  ['archive-thread', 640],
  ['sweep-threads', 640],
  ['write-digest', 640],
])('the bundle of %s', (name, limitKb) => {
  const bundle = join(outdir, `asset.${assetHash(name)}`, 'index.mjs');

  it(`is at most ${limitKb} KB with the SDK in it, so that a cold start stays short`, () => {
    expect(statSync(bundle).size / 1024).toBeLessThanOrEqual(limitKb);
  });

  it('loads as an ES module from a folder without node_modules, and exports handler', () => {
    const script = `const { handler } = await import(${JSON.stringify(bundle)}); console.log(typeof handler);`;

    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...ENVIRONMENT },
    });

    expect({ stdout, stderr }).toEqual({ stdout: 'function\n', stderr: '' });
  });
});

function assetHash(name: string): string {
  const [lambda] = Object.values(
    template.findResources('AWS::Lambda::Function', {
      Properties: { Environment: { Variables: { POWERTOOLS_SERVICE_NAME: name } } },
    }),
  );
  return (lambda as { Properties: { Code: { S3Key: string } } }).Properties.Code.S3Key.replace('.zip', '');
}
