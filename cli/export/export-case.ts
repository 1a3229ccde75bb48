import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { forEachThread } from '../thread-choice.ts';
import { findCoveringDigests } from './covering-digests.ts';
import { type ExportDeps, exportThread, type ThreadSummary } from './export-thread.ts';
import { describeIndex } from './index-page.ts';
import { createNames } from './names.ts';
import { type ExportCommand } from './options.ts';
import { createOutput, type Output, type Problem } from './output.ts';
import { requestOf } from './request.ts';
import { type ExportSource, type SourceObject } from './source.ts';
import { spanOf } from './span.ts';
import { createZoneClock } from './zone-clock.ts';

/** What an export asks for. */
export type ExportCaseDeps = {
  source: ExportSource;
  /** Where it is written, and what is needed meanwhile. */
  folder: string;
  scratch: string;
  /** The time of the request, and the version of this tool: they are in request.json alone. */
  now: Date;
  toolVersion: string;
  settlingMs?: number;
};

/** What came out of it. */
export type ExportedCase = {
  threads: number;
  messages: number;
  problems: readonly Problem[];
  files: number;
  /** Of request.json, which has that of the manifest, which has that of every other file. */
  requestSha256: string;
};

/**
 * Exports what a command asks for into a folder. Everything but request.json is the same for the same archive and request.
 * What cannot be exported as it is archived is a problem in the manifest; the rest is exported.
 * @throws StoreError when the archive does not give an object
 */
export async function exportCase(command: ExportCommand, deps: ExportCaseDeps): Promise<ExportedCase> {
  const { source, folder, scratch, settlingMs = 1000 } = deps;
  const output = createOutput(folder, scratch);
  const clock = createZoneClock(command.zone);
  const { wholeThreads, contents, caseName } = command;
  const names = createNames(source, output.problems);
  const exportDeps: ExportDeps = {
    ...{ source, output, names, clock, wholeThreads, contents, caseName, settlingMs },
    span: spanOf(command, clock),
  };
  const threads = await exportThreads(command, exportDeps);

  if (contents.includes('json')) await writeActors(output, names.actorLines);
  const request = requestOf(command);
  const index = describeIndex({ request, threads, problems: output.problems.length, clock });
  await output.write(['index.html'], [index]);
  const placeObjects = names.placeObjects.toSorted(byKey);
  const manifest = await writeManifest(output, { threads, placeObjects, source });
  const asked = {
    ...request,
    exported_at: deps.now.toISOString(),
    threadvault_version: deps.toolVersion,
    manifest_sha256: manifest.sha256,
  };
  const { sha256: requestSha256 } = await output.write(['request.json'], [toJson(asked)]);
  return {
    threads: threads.length,
    messages: threads.reduce((sum, { exported }) => sum + exported.messages, 0),
    problems: output.problems,
    files: output.files.length,
    requestSha256,
  };
}

/** The threads, in the order of their first message. */
async function exportThreads(command: ExportCommand, deps: ExportDeps): Promise<ThreadSummary[]> {
  const { threads: named, contact } = command;
  const threads: ThreadSummary[] = [];
  const unreadable: ThreadId[] = [];
  const choice = {
    threads: named,
    contact,
    // Of threads that are named, each is looked into, so that one that is not archived is told from one of another time.
    ...(named === undefined && deps.span),
  };
  await forEachThread(
    deps.source,
    choice,
    async ({ id }) => {
      const summary = await exportThread(deps, id);
      if (summary !== undefined) threads.push(summary);
    },
    (id) => unreadable.push(id),
  );
  for (const id of unreadable) {
    const problem = 'its record is not a thread record';
    deps.output.problems.push({ thread: threadIdText(id), message_id: null, key: null, problem });
  }
  const order = ({ id, exported }: ThreadSummary) => `${exported.first_at ?? '~'} ${threadIdText(id)}`;
  return threads.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function writeActors(
  output: Output,
  byPortal: ReturnType<typeof createNames>['actorLines'],
): Promise<void> {
  for (const [portalId, actors] of byPortal) {
    const inOrder = [...actors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, actor]) => actor);
    const lines = inOrder.map(({ line }) => (line.endsWith('\n') ? line : `${line}\n`));
    await output.write(
      ['actors', `${portalId}.ndjson`],
      lines,
      inOrder.map(({ object }) => object),
    );
  }
}

type ManifestFacts = {
  threads: readonly ThreadSummary[];
  placeObjects: readonly SourceObject[];
  source: ExportSource;
};

/** Writes manifest.json: every file but itself and request.json, which covers it. */
async function writeManifest(output: Output, { threads, placeObjects, source }: ManifestFacts) {
  const files = output.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const read = new Map(
    [...files.flatMap(({ sources }) => sources), ...placeObjects].map((one) => [objectKey(one), one]),
  );
  const digests = await findCoveringDigests(source, [...read.values()]);
  const manifest = {
    format: 'threadvault-export-1',
    threads: threads.map(({ id, exported, outside, state }) => ({
      thread: threadIdText(id),
      exported,
      outside_the_days: outside,
      state: state ?? null,
    })),
    problems: output.problems.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    files: files.map((file) => ({ ...file, sources: file.sources.toSorted(byKey) })),
    names_from: placeObjects,
    digests: digests ?? null,
  };
  return output.write(['manifest.json'], [toJson(manifest)]);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function objectKey({ key, version_id }: SourceObject): string {
  return `${key} ${version_id ?? ''}`;
}

function byKey(a: SourceObject, b: SourceObject): number {
  return objectKey(a) < objectKey(b) ? -1 : 1;
}

/** What is said of an export when it is done. */
export function describeOutcome(
  { threads, messages, files, requestSha256 }: ExportedCase,
  to: string,
): string {
  return `${threads} threads with ${messages} messages exported to ${to}, ${files} files
SHA-256 of request.json, which covers all of them: ${requestSha256}`;
}
