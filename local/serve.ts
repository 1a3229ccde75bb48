import { safeReason } from '../functions/errors.ts';
import { exitCodeOf, explainFailure } from './command-line.ts';
import { startFolderDigests } from './folder-digests.ts';
import { openFolderStore } from './folder-store.ts';
import { startFolderHome } from './home.ts';
import {
  createWebhookFilter,
  describeDeadLetter,
  describeSweep,
  describeVerdict,
  describeWebhook,
} from './serve-lines.ts';
import { parseServeOptions, type ServeOptions, USAGE } from './serve-options.ts';
import { outliveStandardStreams } from './standard-streams.ts';

/** `npm run serve`: exit code 0 when it was told to end, 1 when it could not begin, 2 when its command line cannot be used. */
async function main(args: string[]): Promise<void> {
  const options = parseServeOptions(args, process.env);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const told = waitForSignal();
  await using running = new AsyncDisposableStack();
  const store = await openFolderStore(options.folder);
  running.defer(() => store.close());
  const isWorthALine = createWebhookFilter(Date.now);
  const home = await startFolderHome({
    ...homeOptions(options),
    store,
    onVerdict: (verdict, queued) => {
      print(describeVerdict(verdict, queued));
    },
    onWebhook: (outcome) => {
      if (isWorthALine(outcome)) print(describeWebhook(outcome));
    },
    onSweep: (report) => {
      describeSweep(report).forEach(print);
    },
    onDeadLetter: (letter) => {
      print(describeDeadLetter(letter));
    },
    onNotice: print,
  });
  running.defer(() => home.stop());
  const digests = startFolderDigests(store, (error) => {
    print(`no digest written, tried again in an hour: ${safeReason(error)}`);
  });
  running.defer(() => digests.stop());
  print(
    `listening on ${home.webhookUrl} for ${options['webhook-url']}, archiving account ${options.portal} into ${store.folder}; ` +
      `${home.queue.size()} queued, ${home.queue.deadLetters().length} given up`,
  );
  print(`${await told}: no more webhooks; ending when the threads at hand are archived`);
}

function homeOptions({ secrets, ...options }: ServeOptions) {
  return {
    port: options.port,
    publicUrl: options['webhook-url'],
    portalId: options.portal,
    clientSecret: {
      current: secrets.HUBSPOT_CLIENT_SECRET,
      previous: secrets.HUBSPOT_PREVIOUS_CLIENT_SECRET,
    },
    accessToken: secrets.HUBSPOT_ACCESS_TOKEN,
    hubspotApiUrl: options['api-url'],
    hubspotApiVersion: options['api-version'],
    requestsPerSecond: options['requests-per-second'],
    coalesceMs: options['coalesce-seconds'] * 1000,
    privacyDeletion: options['privacy-deletion'],
    sweepMinutes: options['sweep-minutes'],
    attachmentMaxBytes: options['attachment-max-megabytes'] * 1_000_000,
  };
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, which loses nothing either. */
function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals) => {
      process.off('SIGINT', end).off('SIGTERM', end);
      resolve(signal);
    };
    process.on('SIGINT', end).on('SIGTERM', end);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

outliveStandardStreams();
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
