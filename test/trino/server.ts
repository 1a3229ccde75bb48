import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { freePort, start, stopGroup } from '../support/child-process.ts';
import { HIVE_CATALOG, ICEBERG_CATALOG } from './connection.ts';

const READY_WITHIN_MS = 180_000;
const HEAP_MB = 1500;

/** A Trino on this machine. */
export type Trino = {
  url: string;
  /** Stops it and whatever it has started. */
  stop: () => Promise<void>;
};

/** What it is started from. */
export type TrinoOptions = {
  /** As findJava gives it. */
  java: string;
  /** As installTrino gives it. */
  installed: string;
  /** An empty folder for its configuration, data and log. */
  folder: string;
  /** The folder that tables may be over. */
  root: string;
  signal: AbortSignal;
};

const infoSchema = z.looseObject({ starting: z.boolean() });

/**
 * Starts Trino on a free port of 127.0.0.1 and waits until it answers.
 * @throws Error naming its log when it does not; the signal's reason when aborted
 */
export async function startTrino({ java, installed, folder, root, signal }: TrinoOptions): Promise<Trino> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  for (const [file, properties] of Object.entries(configuration({ url, port, installed, folder, root }))) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(path.join(folder, file), lines.join(''));
  }
  const log = path.join(folder, 'server.log');
  // Without its launcher, which needs Python, and which leaves the server behind when it is killed.
  const child = start(java, javaArguments(installed, folder), { env: process.env, log, cwd: folder });
  const stop = (): Promise<void> => stopGroup(child);
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > until || signal.aborted) {
      await stop();
      signal.throwIfAborted();
      throw new Error(`Trino does not answer: see ${log}`);
    }
    await sleep(200);
  }
  return { url, stop };
}

/** Trino's files of properties (https://trino.io/docs/476/, read November 2026). */
function configuration(options: {
  url: string;
  port: number;
  installed: string;
  folder: string;
  root: string;
}) {
  const { url, port, installed, root } = options;
  const overFolder = {
    'hive.metastore.catalog.dir': 'local:///metastore',
    'fs.native-local.enabled': 'true',
    'local.location': root,
  };
  return {
    'etc/config.properties': {
      coordinator: 'true',
      'node-scheduler.include-coordinator': 'true',
      'http-server.http.port': port,
      'http-server.log.enabled': 'false',
      'discovery.uri': url,
      'catalog.management': 'static',
      'plugin.dir': path.join(installed, 'plugin'),
    },
    [`etc/catalog/${HIVE_CATALOG}.properties`]: {
      'connector.name': 'hive',
      'hive.metastore': 'file',
      ...overFolder,
      'hive.partition-projection-enabled': 'true',
      // A day without messages has no folder; S3, which has no folders at all, lists nothing there.
      'hive.ignore-absent-partitions': 'true',
      'hive.iceberg-catalog-name': ICEBERG_CATALOG,
    },
    [`etc/catalog/${ICEBERG_CATALOG}.properties`]: {
      'connector.name': 'iceberg',
      'iceberg.catalog.type': 'TESTING_FILE_METASTORE',
      ...overFolder,
      'iceberg.hive-catalog-name': HIVE_CATALOG,
      // So that a test can expire what it has just written.
      'iceberg.expire-snapshots.min-retention': '0s',
      'iceberg.remove-orphan-files.min-retention': '0s',
    },
  };
}

function javaArguments(installed: string, folder: string): string[] {
  return [
    `-Xmx${HEAP_MB}m`,
    '--add-modules=jdk.incubator.vector',
    '--enable-native-access=ALL-UNNAMED',
    '-Djdk.attach.allowAttachSelf=true',
    '-Duser.timezone=UTC',
    '-Dconfig=etc/config.properties',
    '-Dnode.environment=test',
    '-Dnode.id=threadvault',
    `-Dnode.data-dir=${path.join(folder, 'data')}`,
    // Nobody but this machine reaches it.
    '-Dnode.internal-address=127.0.0.1',
    '-Dnode.bind-ip=127.0.0.1',
    '-cp',
    path.join(installed, 'lib', '*'),
    'io.trino.server.TrinoServer',
  ];
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/info`);
    return response.ok && !infoSchema.parse(await response.json()).starting;
  } catch {
    return false;
  }
}
