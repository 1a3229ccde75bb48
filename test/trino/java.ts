import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** The oldest Java that Trino 476 runs on (https://trino.io/docs/476/installation/deployment.html, read November 2026). */
const OLDEST_JAVA = 24;

/** Where packages of Linux and macOS put Javas, each in a folder of its own, and where `java` is in it. */
const WELL_KNOWN = [
  ['/usr/lib/jvm', 'bin/java'],
  ['/Library/Java/JavaVirtualMachines', 'Contents/Home/bin/java'],
] as const;

const runFile = promisify(execFile);

/**
 * A `java` that Trino runs on: that of JAVA_HOME, the one in PATH, or else one in a well-known place; the first that is new
 * enough.
 * @throws Error when there is none, with those that were looked at
 */
export async function findJava(): Promise<string> {
  const { JAVA_HOME } = process.env;
  const candidates = [
    ...(JAVA_HOME === undefined ? [] : [path.join(JAVA_HOME, 'bin/java')]),
    'java',
    ...(await Promise.all(WELL_KNOWN.map(([folder, java]) => listJavas(folder, java)))).flat(),
  ];
  const seen: string[] = [];
  for (const java of candidates) {
    const version = await versionOf(java);
    if (version !== undefined && version >= OLDEST_JAVA) return java;
    seen.push(`  ${java}: ${version === undefined ? 'cannot be run' : `Java ${version}`}`);
  }
  throw new Error(
    `Trino needs Java ${OLDEST_JAVA} or newer. Install one, or set JAVA_HOME to it. Looked at:\n${seen.join('\n')}`,
  );
}

async function listJavas(folder: string, java: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort().map((name) => path.join(folder, name, java));
}

async function versionOf(java: string): Promise<number | undefined> {
  try {
    const { stderr } = await runFile(java, ['-XshowSettings:properties', '-version']);
    const version = /java\.specification\.version = (\d+)$/m.exec(stderr)?.[1];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
}
