import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort, run } from '../support/child-process.ts';
import { type Run, runWithServer } from '../support/run-with-server.ts';
import { DEPLOYMENT_FILE, PORTAL_ID, type Deployment } from './deployment.ts';
import { installMiniStack, startMiniStack } from './ministack.ts';

/*
 * Deploys the real stack with the real bundles to an AWS on this machine, and lets the tests of this folder loose on it:
 * `npm run test:deploy`. Ends with exit code 1 on any difference. Whatever it starts, it stops, however it ends.
 */

const TIME_LIMIT_MS = 600_000;
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

await runWithServer({ name: 'deploy', timeLimitMs: TIME_LIMIT_MS }, async (run) => {
  const { scratch, signal, step, stopAtEnd } = run;
  await step('install MiniStack', () => installMiniStack(signal));
  const env = environment(scratch);
  const ministack = await step('start MiniStack', () =>
    startMiniStack({ env, log: join(scratch, 'ministack.log'), signal }),
  );
  stopAtEnd(ministack);
  await deployAndTest(run, {
    ...env,
    AWS_ENDPOINT_URL: ministack.url,
    // Without it the CLI would call <bucket>.127.0.0.1.
    AWS_ENDPOINT_URL_S3: ministack.url,
  });
});

async function deployAndTest({ scratch, signal, step }: Run, env: NodeJS.ProcessEnv): Promise<void> {
  const assembly = join(scratch, 'cdk.out');
  const outputs = join(scratch, 'outputs.json');
  const hubspotPort = await freePort();
  const settings = {
    portals: PORTAL_ID,
    hubspotApiUrl: `http://127.0.0.1:${hubspotPort}`,
    // Fast, yet below the 19 that the simulated HubSpot enforces; and hardly any waiting for further events.
    requestsPerSecond: 16,
    coalesceSeconds: 2,
    retentionMode: 'governance',
    retentionDays: 1,
    analytics: true,
  };
  const context = Object.entries(settings).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  const cdk = (...args: string[]): Promise<void> => run('cdk', ['--no-notices', ...args], { env, signal });

  await step('cdk synth', () => cdk('synth', '--quiet', '--output', assembly, ...context));
  await step('cdk bootstrap', () => cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`, '--app', assembly));
  await leaveOutUnknown(join(assembly, 'ThreadvaultQuery.template.json'));
  await step('cdk deploy', () =>
    cdk('deploy', '--all', '--app', assembly, '--require-approval', 'never', '--outputs-file', outputs),
  );

  const deployed = JSON.parse(await readFile(outputs, 'utf8')) as {
    Threadvault: Deployment['outputs'];
    ThreadvaultQuery: Deployment['queryOutputs'];
  };
  const template = await readFile(join(assembly, 'Threadvault.template.json'), 'utf8');
  const deployment: Deployment = {
    outputs: deployed.Threadvault,
    queryOutputs: deployed.ThreadvaultQuery,
    template: JSON.parse(template) as Deployment['template'],
    hubspotPort,
  };
  const file = join(scratch, 'deployment.json');
  await writeFile(file, JSON.stringify(deployment));
  const vitest = ['run', '--config', 'vitest.deploy.config.ts'];
  await step('tests', () =>
    run('vitest', vitest, { env: { ...env, [DEPLOYMENT_FILE]: file }, signal, show: true }),
  );
}

/** MiniStack's CloudFormation knows neither saved queries nor metric math; `npm test` looks at these. */
async function leaveOutUnknown(file: string): Promise<void> {
  const template = JSON.parse(await readFile(file, 'utf8')) as Deployment['template'];
  const kept = Object.entries(template.Resources).filter(
    ([, { Type, Properties }]) =>
      Type !== 'AWS::Athena::NamedQuery' && !(Type === 'AWS::CloudWatch::Alarm' && 'Metrics' in Properties),
  );
  await writeFile(file, JSON.stringify({ ...template, Resources: Object.fromEntries(kept) }));
  console.log('left out             of ThreadvaultQuery: the saved queries, and the alarm CopyFailing');
}

/** Nothing of the user's own: no credentials, no configuration, no network but this machine's. */
function environment(scratch: string): NodeJS.ProcessEnv {
  const guard = pathToFileURL(resolve('test/support/setup.ts')).href;
  return {
    PATH: [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter),
    HOME: scratch,
    TMPDIR: scratch,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    // In every Node process, the Lambdas included: a call to anything but this machine throws.
    NODE_OPTIONS: `--import=${guard}`,
  };
}
