import { setTimeout as sleep } from 'node:timers/promises';
import { erasureKey } from '../../functions/archive/layout.ts';
import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { type ArchivedRow, parseRow } from './archived-row.ts';
import { type AttachedFile, exportAttachedFiles } from './attached-files.ts';
import { type EarlierVersions, readEarlierVersions } from './earlier-versions.ts';
import { composeMail, isMail, mailFileName } from './eml.ts';
import { type EntryContext, gapKeyOf } from './entries.ts';
import { markup, type Markup, visible } from './markup.ts';
import { type Names } from './names.ts';
import { type Content } from './options.ts';
import { type Output, type WrittenFile } from './output.ts';
import { describeActor, findPeople, type Person } from './people.ts';
import { type ExportSource, linesOf, readWhole } from './source.ts';
import { type Outside, type Span, type Tally } from './span.ts';
import { noRows, readThreadRows, type ThreadRows } from './thread-rows.ts';
import { type ArchivedThread, readThread } from './thread-view.ts';
import { type TranscriptFacts, writeTranscript } from './transcript.ts';
import { type ZoneClock } from './zone-clock.ts';

/** What an export is made with. */
export type ExportDeps = {
  source: ExportSource;
  output: Output;
  names: Names;
  clock: ZoneClock;
  span: Span;
  wholeThreads: boolean;
  contents: readonly Content[];
  caseName: string | undefined;
  /** How long to wait before a thread that is being written is read again. */
  settlingMs: number;
};

/** What the index and the manifest say of a thread. */
export type ThreadSummary = {
  id: ThreadId;
  folder: string[];
  exported: Tally;
  outside: Outside;
  /** Who wrote in it. */
  people: Markup[];
  transcript: boolean;
  /** What must be said of it beside its name. */
  state: string | undefined;
};

const MAX_ATTEMPTS = 3;

/**
 * Exports a thread. Gives undefined, and exports nothing, when none of its messages is in the time that was asked for. A
 * thread that is written meanwhile is read again, so that its record and its parts belong together.
 * @throws StoreError when the archive does not give an object; RangeError when an id cannot be part of a path
 */
export async function exportThread(deps: ExportDeps, id: ThreadId): Promise<ThreadSummary | undefined> {
  const folder = ['threads', id.portalId, id.threadId];
  for (let attempt = 1; ; attempt++) {
    const thread = await readThread(deps.source, id);
    if (thread === undefined || thread === 'unreadable') {
      const problem =
        thread === undefined ? 'the thread is not archived' : 'its record is not a thread record';
      deps.output.problems.push({ thread: threadIdText(id), message_id: null, key: null, problem });
      return undefined;
    }
    const subject = { id, folder, thread, rows: noRows(), files: new Map<string, AttachedFile>() };
    const written = await writeRows(deps, subject);
    if (subject.rows.problems.length > 0 && attempt < MAX_ATTEMPTS) {
      await deps.output.discard(folder);
      await sleep(deps.settlingMs);
      continue;
    }
    deps.output.problems.push(...subject.rows.problems);
    if (!isOutside(deps.span, subject)) return writeThread(deps, subject, written);
    await deps.output.discard(folder);
    return undefined;
  }
}

type Subject = {
  id: ThreadId;
  folder: string[];
  thread: ArchivedThread;
  rows: ThreadRows;
  files: Map<string, AttachedFile>;
};

function isOutside({ since, until }: Span, { thread, rows }: Subject): boolean {
  if (since === undefined && until === undefined) return false;
  return rows.within === 0 && rows.problems.length === 0 && thread.view.erased_at == null;
}

/** The rows of a thread, and the files that are attached to them. */
async function writeRows(
  deps: ExportDeps,
  { id, folder, thread, rows, files }: Subject,
): Promise<WrittenFile> {
  const { source, output, contents } = deps;
  const target = { id, folder, keep: contents.includes('html') };
  const withFiles = target.keep || contents.includes('eml');
  const onRow = async (row: ArchivedRow) => {
    if (withFiles) await exportAttachedFiles(deps, target, row, { files, problems: rows.problems });
  };
  const lines = readThreadRows(source, { id, view: thread.view }, deps, rows, onRow);
  const where = [...folder, 'messages.ndjson'];
  return contents.includes('json')
    ? output.write(where, lines, rows.sources)
    : output.writeScratch(where, lines);
}

async function writeThread(
  deps: ExportDeps,
  subject: Subject,
  rowsFile: WrittenFile,
): Promise<ThreadSummary> {
  const { output, source, contents } = deps;
  const { id, folder, thread, rows } = subject;
  if (contents.includes('json')) {
    await output.write([...folder, 'thread.json'], [thread.body], [thread.object]);
    const erasure = await readWhole(source, erasureKey(id));
    if (erasure !== undefined)
      await output.write([...folder, 'erasure.json'], [erasure.body], [erasure.object]);
  }
  const earlierFile = await writeEarlierVersions(deps, subject, rowsFile);
  const people = await findPeople(deps.names, id, linesOf(rowsFile.file));
  if (contents.includes('html')) {
    const transcript = transcriptFacts(deps, subject, { people, rowsFile, earlierFile });
    const page = writeTranscript(entryContext(deps, subject), transcript);
    await output.write([...folder, 'transcript.html'], page);
  }
  if (contents.includes('eml')) await writeMails(deps, subject, rowsFile);
  return {
    id,
    folder,
    exported: rows.exported,
    outside: rows.outside,
    people: people.filter(({ entries }) => entries > 0).map(({ shown }) => shown),
    transcript: contents.includes('html'),
    state: stateOf(subject),
  };
}

type TranscriptSources = {
  people: readonly Person[];
  rowsFile: WrittenFile;
  earlierFile: string | undefined;
};

function transcriptFacts(
  { source, caseName, wholeThreads }: ExportDeps,
  { id, thread, rows }: Subject,
  { people, rowsFile, earlierFile }: TranscriptSources,
): TranscriptFacts {
  const { exported, outside, lostDays, problems } = rows;
  return {
    ...{ id, view: thread.view, caseName, exported, outside, wholeThreads, lostDays, people, earlierFile },
    problems: problems.map(({ message_id, problem }) =>
      message_id === null ? problem : `${problem} (message ${message_id})`,
    ),
    keepsVersions: source.keepsVersions,
    rowsFile: rowsFile.file,
    rowsSha256: rowsFile.sha256,
  };
}

function stateOf({ thread: { view }, rows }: Subject): string | undefined {
  if (view.erased_at != null) return 'erased';
  return rows.problems.length > 0 ? 'not complete' : undefined;
}

/** Gives the file, or undefined when no message was ever another. */
async function writeEarlierVersions(
  { source, output, contents }: ExportDeps,
  { id, folder }: Subject,
  rowsFile: WrittenFile,
): Promise<string | undefined> {
  if (!source.keepsVersions) return undefined;
  const found: EarlierVersions = { sources: [], problems: [] };
  const where = [...folder, 'earlier-versions.ndjson'];
  const lines = readEarlierVersions(source, id, rowsFile.file, found);
  const written = await (contents.includes('json')
    ? output.write(where, lines, found.sources)
    : output.writeScratch(where, lines));
  output.problems.push(...found.problems);
  if (written.bytes > 0) return written.file;
  await output.discard(where);
  return undefined;
}

async function writeMails({ output }: ExportDeps, { id, folder, files }: Subject, rowsFile: WrittenFile) {
  let number = 0;
  for await (const line of linesOf(rowsFile.file)) {
    number++;
    const row = parseRow(line);
    if (row === undefined || !isMail(row)) continue;
    await output.write([...folder, 'eml', mailFileName(number, row)], composeMail(id, row, files));
  }
}

function entryContext({ clock, span, names }: ExportDeps, { id, thread, files }: Subject): EntryContext {
  const gaps = (thread.view.gaps ?? []).map(
    ({ message_id, file_id, reason }) => [gapKeyOf(message_id ?? '', file_id), reason ?? 'unknown'] as const,
  );
  return {
    clock,
    span,
    files,
    gaps: new Map(gaps),
    nameOf: (actorId) => describeActor(names, id.portalId, actorId),
    async placeOf(table, placeId) {
      const name = await names.place(id.portalId, table, placeId);
      return name === undefined
        ? markup`${visible(placeId)}`
        : markup`${visible(name)} (${visible(placeId)})`;
    },
  };
}
