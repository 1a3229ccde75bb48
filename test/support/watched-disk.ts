import type fs from 'node:fs';
import type fsPromises from 'node:fs/promises';
import path from 'node:path';

/**
 * The real file system, watched for what a power cut could still undo: contents that were written and not flushed, and names
 * that were created, renamed or removed in a directory that was not flushed since. For `vi.mock` of `node:fs` and
 * `node:fs/promises`; knows the calls that local/ makes.
 */
const dirty = new Set<OpenFile>();
const looseNames = new Set<string>();
const openFiles = new Set<OpenFile>();
let renamed: (to: string) => void = () => undefined;
let directoryFlush = (): Promise<void> => Promise.resolve();

/** A file that was opened or copied; its path follows renames. */
type OpenFile = { path: string };

/** Forgets what was seen, and what it was told. */
export function resetDisk(): void {
  for (const each of [dirty, looseNames, openFiles]) each.clear();
  renamed = () => undefined;
  directoryFlush = () => Promise.resolve();
}

/** What a power cut could undo at this moment below a folder: names by their path, contents as `path: content`. */
export function unsettledIn(folder: string): string[] {
  const paths = [...looseNames, ...Array.from(dirty, (file) => `${file.path}: content`)];
  return paths
    .map((each) => path.relative(folder, each))
    .filter((each) => !each.startsWith('..'))
    .sort();
}

/** Has every later rename told of, just before it is made. */
export function onRename(listener: (to: string) => void): void {
  renamed = listener;
}

/** Keeps every later flush of a directory waiting until it is told to go on. */
export function holdDirectoryFlushes(): () => void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  directoryFlush = () => promise.then(() => undefined);
  return () => {
    resolve(undefined);
  };
}

/** `node:fs/promises`, watched. */
export function watchPromises(real: typeof fsPromises, { existsSync }: typeof fs): typeof fsPromises {
  const watched = {
    ...real,
    async open(file: string, flags = 'r', mode?: number) {
      const isNew = !existsSync(file);
      const handle = await real.open(file, flags, mode);
      if (isNew) looseNames.add(file);
      const isDirectory = (await handle.stat()).isDirectory();
      return isDirectory ? watchDirectory(handle, file) : watchFile(handle, opened(file));
    },
    async rename(from: string, to: string) {
      await noteRename(from, to, () => real.rename(from, to));
    },
    async copyFile(from: string, to: string, mode?: number) {
      await real.copyFile(from, to, mode);
      dirty.add(opened(to));
      looseNames.add(to);
    },
    async mkdir(directory: string, options?: fs.MakeDirectoryOptions) {
      const first = await real.mkdir(directory, options);
      for (let at = directory; first !== undefined && at.length >= first.length; at = path.dirname(at))
        looseNames.add(at);
      return first;
    },
    async rm(file: string, options?: fs.RmOptions) {
      const wasThere = existsSync(file);
      await real.rm(file, options);
      if (wasThere) noteRemoval(file);
    },
  };
  return { ...watched, default: watched } as unknown as typeof fsPromises;
}

/** `node:fs`, watched. */
export function watchSync(real: typeof fs): typeof fs {
  const byDescriptor = new Map<number, OpenFile>();
  const written = (fd: number) => dirty.add(byDescriptor.get(fd)!);
  const flushed = (fd: number) => dirty.delete(byDescriptor.get(fd)!);
  const watched = {
    ...real,
    openSync(file: string, flags: string) {
      if (!real.existsSync(file)) looseNames.add(file);
      const fd = real.openSync(file, flags);
      byDescriptor.set(fd, opened(file));
      return fd;
    },
    writeSync(fd: number, bytes: Buffer, offset: number) {
      written(fd);
      return real.writeSync(fd, bytes, offset);
    },
    fsyncSync(fd: number) {
      real.fsyncSync(fd);
      flushed(fd);
    },
    fdatasync(fd: number, callback: fs.NoParamCallback) {
      real.fdatasync(fd, (error) => {
        if (error === null) flushed(fd);
        callback(error);
      });
    },
    renameSync(from: string, to: string) {
      noteRename(from, to, () => {
        real.renameSync(from, to);
      });
    },
  };
  return { ...watched, default: watched } as unknown as typeof fs;
}

function opened(file: string): OpenFile {
  const entry = [...openFiles].find((each) => each.path === file) ?? { path: file };
  openFiles.add(entry);
  return entry;
}

function forget(file: OpenFile): void {
  openFiles.delete(file);
  dirty.delete(file);
}

function noteRename<T>(from: string, to: string, rename: () => T): T {
  renamed(to);
  const done = rename();
  for (const file of openFiles) if (file.path === to) forget(file);
  for (const file of openFiles) if (file.path === from) file.path = to;
  looseNames.add(from).add(to);
  return done;
}

function noteRemoval(removed: string): void {
  const isGone = (file: string) => file === removed || file.startsWith(removed + path.sep);
  for (const file of openFiles) if (isGone(file.path)) forget(file);
  for (const file of looseNames) if (isGone(file)) looseNames.delete(file);
  looseNames.add(removed);
}

function watchDirectory(handle: fsPromises.FileHandle, directory: string): fsPromises.FileHandle {
  return overlay(handle, {
    async sync() {
      const now = [...looseNames].filter((file) => path.dirname(file) === directory);
      await directoryFlush();
      await handle.sync();
      for (const file of now) looseNames.delete(file);
    },
  });
}

function watchFile(handle: fsPromises.FileHandle, file: OpenFile): fsPromises.FileHandle {
  return overlay(handle, {
    writeFile(body) {
      dirty.add(file);
      return handle.writeFile(body);
    },
    appendFile(text) {
      dirty.add(file);
      return handle.appendFile(text);
    },
    async datasync() {
      await handle.datasync();
      dirty.delete(file);
    },
  });
}

/** The handle, with some methods replaced. */
function overlay(handle: fsPromises.FileHandle, methods: Partial<fsPromises.FileHandle>) {
  return new Proxy(handle, {
    get(target, name) {
      const value: unknown = Reflect.get({ ...methods }, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
