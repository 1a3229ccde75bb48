import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { ArchiveStack } from '../cdk/archive-stack.ts';
import { readConfig } from '../cdk/config.ts';
import { median } from './measure.ts';

const LIMITS_KB = {
  'receive-webhook': 480,
  'archive-thread': 640,
  'erase-thread': 640,
  'sweep-threads': 640,
  'write-digest': 640,
};
const ROUNDS = 20;

const functionsSchema = z.record(
  z.string(),
  z.object({
    Properties: z.object({
      Code: z.object({ S3Key: z.string() }),
      Environment: z.object({ Variables: z.looseObject({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
    }),
  }),
);

/**
 * The bundles as the stack makes them: their size, and how long a fresh process takes to import them beside one that
 * imports nothing. Prints both; false when a size is over its limit.
 */
export function benchBundles(): boolean {
  const outdir = mkdtempSync(path.join(tmpdir(), 'threadvault-bench-'));
  try {
    const app = new App({ outdir, context: { portals: '62515' } });
    const config = readConfig({ portals: '62515' });
    const template = Template.fromStack(new ArchiveStack(app, 'Bench', { config }));
    const functions = functionsSchema.parse(template.findResources('AWS::Lambda::Function'));
    const empty = importMs('data:text/javascript,');
    console.log(
      `bundles, minified, SDK included; import is the median of ${ROUNDS} fresh processes less an empty one:`,
    );
    const results = Object.entries(LIMITS_KB).map(([name, limitKb]) => {
      const lambda = Object.values(functions).find(
        ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME === name,
      );
      const asset = lambda?.Properties.Code.S3Key.replace('.zip', '') ?? '';
      const bundle = path.join(outdir, `asset.${asset}`, 'index.mjs');
      const sizeKb = statSync(bundle).size / 1024;
      console.log(
        `  ${name} ${sizeKb.toFixed(0)} KB (limit ${limitKb} KB), import ${(importMs(bundle) - empty).toFixed(0)} ms`,
      );
      return sizeKb <= limitKb;
    });
    return results.every(Boolean);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

// Enough of an environment for all to load; nothing is called.
const ENVIRONMENT = {
  PORTALS: '62515',
  THREAD_QUEUE_URL: 'https://sqs.example.com/1/threads',
  URGENT_QUEUE_URL: 'https://sqs.example.com/1/urgent',
  ERASURE_QUEUE_URL: 'https://sqs.example.com/1/erasures',
  PRIVACY_DELETION: 'erase',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.example.com/1/dead-letters',
  MAX_RECEIVE_COUNT: '10',
  CLIENT_SECRET_ARN: 'arn',
  ACCESS_TOKENS_ARN: 'arn',
  ARCHIVE_BUCKET: 'bucket',
  CHANGES_QUEUE_URL: 'https://sqs.example.com/1/changes',
  DIGEST_KEY_ARN: 'arn',
  HUBSPOT_API_URL: 'https://api.example.com',
  HUBSPOT_API_VERSION: 'v3',
  COALESCE_SECONDS: '15',
  ATTACHMENTS: 'true',
  ATTACHMENT_MAX_MEGABYTES: '100',
  REQUESTS_PER_SECOND: '5',
  SWEEP_MINUTES: '60',
  FULL_SWEEP_DAYS: '7',
  FULL_SWEEP_WINDOW_DAYS: '30',
  AWS_REGION: 'eu-central-1',
};

function importMs(module: string): number {
  const script = `const t = performance.now(); await import(${JSON.stringify(module)}); console.log(performance.now() - t);`;
  const runs = Array.from({ length: ROUNDS }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: ENVIRONMENT,
        encoding: 'utf8',
      }),
    ),
  );
  return median(runs);
}
