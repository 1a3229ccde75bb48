import { randomUUID } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { ConfigError } from '../../functions/errors.ts';
import { ignoreNowhere } from '../../local/durable-files.ts';

/** An export on its way: nothing is at its target until it is whole. */
export type Target = {
  /** Where its files are written. */
  folder: string;
  scratch: string;
  /**
   * Makes those folders. Apart from opening, so that whoever must clean up knows of the place before it is there.
   * @throws ConfigError when something is at the target already, or there is no folder that it could be in
   */
  begin: () => Promise<void>;
  /** Puts it in its place, as a folder or as a zip file. */
  finish: (options: { zip: boolean }) => Promise<void>;
  /** Takes away what is left of the way there. Does nothing to what is in its place. */
  dispose: () => Promise<void>;
  /** The same at once, for a process that is told to end. */
  disposeNow: () => void;
};

/** A place for an export, in a folder of its own beside the target, which nobody else on the machine can read. */
export function openTarget(to: string): Target {
  const target = path.resolve(to);
  const parent = path.dirname(target);
  const place = path.join(parent, `.${path.basename(target)}.part-${randomUUID()}`);
  const folder = path.join(place, 'export');
  const scratch = path.join(place, 'scratch');
  const options = { recursive: true, force: true, maxRetries: 5 };

  return {
    folder,
    scratch,
    async begin() {
      await refuseExisting(target);
      await mkdir(place, { mode: 0o700 }).catch(() => {
        throw new ConfigError(`nothing can be written in ${parent}`);
      });
      await mkdir(folder, { mode: 0o700 });
    },
    async finish({ zip }) {
      const whole = zip ? path.join(place, 'export.zip') : folder;
      if (zip) await zipFolder(folder, whole);
      await refuseExisting(target);
      await rename(whole, target);
    },
    dispose: () => rm(place, options),
    disposeNow: () => {
      rmSync(place, options);
    },
  };
}

async function refuseExisting(target: string): Promise<void> {
  if ((await lstat(target).catch(ignoreNowhere)) !== undefined)
    throw new ConfigError(`${target} is there already; an export goes where nothing is yet`);
}

// The earliest that the format knows, in local time, which is how it keeps times: the same bytes everywhere.
const NO_TIME = new Date(1980, 0, 1);

/**
 * One zip file with what is in a folder, by name. Files are read as streams, one at a time; the same files give the same bytes.
 */
async function zipFolder(folder: string, file: string): Promise<void> {
  const zip = new ZipFile();
  const options = { mtime: NO_TIME, mode: 0o100644, forceDosTimestamp: true };
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  for (const name of names.sort())
    zip.addFile(path.join(folder, name), name.split(path.sep).join('/'), options);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
}
