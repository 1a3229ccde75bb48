import { partKey } from '../../functions/archive/layout.ts';
import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { type ArchivedRow, linesOfPart, parseRow } from './archived-row.ts';
import { type Problem } from './output.ts';
import { type ExportSource, readWhole, type SourceObject } from './source.ts';
import { count, emptyTally, type Outside, placeInSpan, type Span, type Tally } from './span.ts';
import { type ThreadView } from './thread-view.ts';

/** What came out of the parts of a thread. */
export type ThreadRows = {
  sources: SourceObject[];
  problems: Problem[];
  exported: Tally;
  /** How many of them are in the time that was asked for. */
  within: number;
  outside: Outside;
  /** UTC days of which no message could be read. */
  lostDays: string[];
};

/** Nothing read so far. */
export function noRows(): ThreadRows {
  return {
    sources: [],
    problems: [],
    exported: emptyTally(),
    within: 0,
    outside: { before: emptyTally(), after: emptyTally() },
    lostDays: [],
  };
}

/** Which rows of a thread are exported. */
export type RowChoice = { span: Span; wholeThreads: boolean };

/**
 * The rows of a thread that are exported, in order, each on the line that it has in the archive. One part is in memory at a
 * time. Each part is checked against the thread record; what is wrong is noted, and the rest goes on.
 * @param into gets what there is to say, while the rows are read
 * @param onRow called for each row that can be read
 */
export async function* readThreadRows(
  source: ExportSource,
  { id, view }: { id: ThreadId; view: ThreadView },
  choice: RowChoice,
  into: ThreadRows,
  onRow: (row: ArchivedRow) => Promise<void>,
): AsyncGenerator<string> {
  const note = (key: string, problem: string) =>
    into.problems.push({ thread: threadIdText(id), message_id: null, key, problem });

  for (const { dt, key: listed, sha256, messages } of view.parts.toSorted((a, b) => (a.dt < b.dt ? -1 : 1))) {
    const key = /^\d{4}-\d{2}-\d{2}$/.test(dt) ? partKey({ ...id, dt }) : undefined;
    if (key === undefined || key !== listed) {
      note(listed, 'the thread record lists a part of another thread');
      continue;
    }
    const found = await readWhole(source, key);
    const lines = found && (await linesOfPart(found.body));
    if (found !== undefined) into.sources.push({ ...found.object, archive_sha256: sha256 });
    if (found === undefined) note(key, 'the part is missing');
    else if (found.object.sha256 !== sha256) note(key, 'the part is not what the thread record says');
    if (lines === undefined) {
      if (found !== undefined) note(key, 'the part is damaged and cannot be read');
      into.lostDays.push(dt);
      continue;
    }
    if (lines.length !== messages) note(key, 'the part has not as many messages as the thread record says');
    yield* chooseRows(lines, choice, into, onRow, (line) => note(key, `line ${line} is not a row`));
  }
}

async function* chooseRows(
  lines: readonly string[],
  { span, wholeThreads }: RowChoice,
  into: ThreadRows,
  onRow: (row: ArchivedRow) => Promise<void>,
  onNoRow: (line: number) => void,
): AsyncGenerator<string> {
  for (const [i, line] of lines.entries()) {
    const row = parseRow(line);
    if (row === undefined) {
      onNoRow(i + 1);
      yield `${line}\n`;
      continue;
    }
    const place = placeInSpan(row.created_at, span);
    if (place === 'within') into.within++;
    else count(into.outside[place], row.created_at);
    if (place !== 'within' && !wholeThreads) continue;
    count(into.exported, row.created_at);
    await onRow(row);
    yield `${line}\n`;
  }
}
