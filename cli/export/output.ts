import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type SourceObject } from './source.ts';

/** A file that was written. */
export type WrittenFile = {
  /** Where it is on this machine. */
  file: string;
  sha256: string;
  bytes: number;
};

/** What the manifest says of a file. Paths are relative, with `/`. */
export type ManifestFile = {
  path: string;
  sha256: string;
  bytes: number;
  /** The objects of the archive that its content is, or is taken from. Empty for a file made from others of the export. */
  sources: readonly SourceObject[];
};

/** Something that could not be exported as it is archived. Names ids, and in `key` where it is in the archive. */
export type Problem = {
  /** `<portal id>/<thread id>`; null when it is about no single thread. */
  thread: string | null;
  message_id: string | null;
  key: string | null;
  problem: string;
};

/** The files of an export while they are written, and what there is to say of them. */
export type Output = {
  files: ManifestFile[];
  problems: Problem[];
  /** Writes a file of the export. */
  write: (
    segments: readonly string[],
    content: Content,
    sources?: readonly SourceObject[],
  ) => Promise<WrittenFile>;
  /** Writes a file that is needed meanwhile, and not handed over. */
  writeScratch: (segments: readonly string[], content: Content) => Promise<WrittenFile>;
  /** Takes back what was written below there. */
  discard: (segments: readonly string[]) => Promise<void>;
};

type Content = AsyncIterable<string | Buffer> | Iterable<string | Buffer>;

/** An export that is written into a folder, and scratch files into another one. */
export function createOutput(folder: string, scratchFolder: string): Output {
  let files: ManifestFile[] = [];

  return {
    get files() {
      return files;
    },
    problems: [],
    async write(segments, content, sources = []) {
      const written = await writeHashed(fileBelow(folder, segments), content);
      files.push({ path: segments.join('/'), sha256: written.sha256, bytes: written.bytes, sources });
      return written;
    },
    writeScratch: (segments, content) => writeHashed(fileBelow(scratchFolder, segments), content),
    async discard(segments) {
      const prefix = segments.join('/');
      files = files.filter((file) => file.path !== prefix && !file.path.startsWith(`${prefix}/`));
      await rm(fileBelow(folder, segments), { recursive: true, force: true });
      await rm(fileBelow(scratchFolder, segments), { recursive: true, force: true });
    },
  };
}

async function writeHashed(file: string, content: Content): Promise<WrittenFile> {
  await mkdir(path.dirname(file), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    Readable.from(content, { objectMode: true }),
    async function* (chunks: AsyncIterable<string | Buffer>) {
      for await (const chunk of chunks) {
        const buffer = Buffer.from(chunk);
        hash.update(buffer);
        bytes += buffer.length;
        yield buffer;
      }
    },
    createWriteStream(file, { flags: 'wx' }),
  );
  return { file, sha256: hash.digest('hex'), bytes };
}

/**
 * A file below a folder. What names it is ids and names that were made safe; whatever else may have come in does not get out.
 * @throws RangeError when a segment is none
 */
function fileBelow(folder: string, segments: readonly string[]): string {
  if (segments.length === 0 || segments.some((segment) => /^\.{0,2}$|[/\\\u0000-\u001F]/.test(segment)))
    throw new RangeError('a file of the export would be outside of it');
  return path.join(folder, ...segments);
}
