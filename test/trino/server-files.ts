import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from '../support/child-process.ts';

/** The version that is run. docs/decisions.md says why this one. */
const VERSION = '476';
/** Of the archive in Maven Central, so that every road to it brings the same. */
const SHA256 = 'cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f';
const NAME = `trino-server-${VERSION}`;

/** Where the archive is fetched without Maven: the root of a Maven repository. */
const REPOSITORY = 'TRINO_MAVEN_REPOSITORY';
const MAVEN_CENTRAL = 'https://repo.maven.apache.org/maven2';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

const CACHE = path.resolve('.cache');
const KEPT_PLUGINS = new Set(['hive', 'iceberg']);

/**
 * The folder of Trino's server, with the plugins `hive` and `iceberg` alone. Fetched once, some 820 MB, into `.cache/`, where
 * some 500 MB of it stay: with `mvn` where that is in PATH, as its settings know the mirrors of the house, and otherwise over
 * HTTPS from Maven Central or from the repository that TRINO_MAVEN_REPOSITORY names. Broken off, it leaves nothing behind that
 * a later run takes for whole.
 * @throws Error when it cannot be fetched, or is not what Maven Central has
 */
export async function installTrino(signal: AbortSignal): Promise<string> {
  const installed = path.join(CACHE, NAME);
  if (await exists(installed)) return installed;
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(path.join(CACHE, 'fetching-'));
  try {
    const archive = path.join(scratch, `${NAME}.tar.gz`);
    await (process.env[REPOSITORY] === undefined && (await hasMaven(signal))
      ? fetchWithMaven(scratch, signal)
      : download(archive, signal));
    await checkSum(archive);
    // The user's own environment: Maven and tar may need it.
    await run('tar', ['-xzf', archive, '-C', scratch], { env: process.env, signal });
    // Not left out while unpacking: the archive has each file once, and links to it from other plugins.
    const plugins = path.join(scratch, NAME, 'plugin');
    const others = (await readdir(plugins)).filter((plugin) => !KEPT_PLUGINS.has(plugin));
    await Promise.all(others.map((plugin) => rm(path.join(plugins, plugin), { recursive: true })));
    await rename(path.join(scratch, NAME), installed);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return installed;
}

async function hasMaven(signal: AbortSignal): Promise<boolean> {
  return await run('mvn', ['--version'], { env: process.env, signal }).then(
    () => true,
    () => false,
  );
}

async function fetchWithMaven(folder: string, signal: AbortSignal): Promise<void> {
  const args = [COPY, `-Dartifact=io.trino:trino-server:${VERSION}:tar.gz`, `-DoutputDirectory=${folder}`];
  await run('mvn', ['--batch-mode', ...args], { env: process.env, signal });
}

async function download(file: string, signal: AbortSignal): Promise<void> {
  const repository = process.env[REPOSITORY] ?? MAVEN_CENTRAL;
  const url = `${repository.replace(/\/$/, '')}/io/trino/trino-server/${VERSION}/${NAME}.tar.gz`;
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`${url} answers ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file), { signal });
}

async function checkSum(file: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const sha256 = hash.digest('hex');
  if (sha256 !== SHA256) throw new Error(`${path.basename(file)} has SHA-256 ${sha256}, not ${SHA256}`);
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
