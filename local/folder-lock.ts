import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../functions/errors.ts';
import { codeOf, ignoreMissing } from './durable-files.ts';

/** A process: its id, and when it began. Ids are used again, the pair is not. */
type Holder = { pid: number; startedAt: string | undefined };

// Whoever looks at a lock and then takes it does both within microseconds; this is how long we wait to see whether another
// did so at the same moment.
const RACE_MS = 20;

/**
 * Makes this process the only one at work in a folder, by a file `.lock` that names it. The lock of a process that no
 * longer runs, killed or ended by a power cut, is taken over, also when its id now belongs to another process (known on
 * Linux, where the start of a process can be read). Processes that cannot see each other, as on two machines or in two
 * containers, cannot be kept apart.
 * @returns gives the folder free; never the lock of another
 * @throws ConfigError when another running process has it
 */
export async function takeLock(folder: string): Promise<() => Promise<void>> {
  const lock = path.join(folder, '.lock');
  const mine = [process.pid, startOf(process.pid)].join(' ').trim();
  const draft = path.join(folder, `.lock-${randomUUID()}.tmp`);
  const inUse = () =>
    new ConfigError(
      `the folder ${folder} is in use by process ${readHolder(lock)?.pid ?? '(just started)'}; stop it, or remove ${lock}`,
    );
  try {
    writeFileSync(draft, mine, { flag: 'wx' });
    const holder = readHolder(lock);
    if (holder !== undefined && holder.pid !== process.pid && isRunning(holder)) throw inUse();
    renameSync(draft, lock);
  } catch (error) {
    // The process that has just taken the folder has cleared our draft away.
    throw codeOf(error) === 'ENOENT' && existsSync(lock) ? inUse() : error;
  } finally {
    await rm(draft, { force: true });
  }
  const isMine = () => readText(lock) === mine;
  await sleep(RACE_MS);
  if (!isMine()) throw inUse();
  return async () => {
    if (isMine()) await rm(lock, { force: true });
  };
}

/** The id of the process that has a folder, when it runs. */
export function runningHolder(folder: string): number | undefined {
  const holder = readHolder(path.join(folder, '.lock'));
  return holder !== undefined && isRunning(holder) ? holder.pid : undefined;
}

function readHolder(lock: string): Holder | undefined {
  const [, pid, startedAt] = /^(\d+)(?: (\d+))?$/.exec(readText(lock) ?? '') ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), startedAt };
}

function isRunning({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  const start = startOf(pid);
  return start !== ENDED && (startedAt === undefined || start === undefined || start === startedAt);
}

const ENDED = 'ended';

// Field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (read November 2026). The name, field 2, is in
// parentheses and may hold anything. A zombie keeps its entry and has no work left to do.
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? ENDED : fields[19];
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}
