import { partKey } from '../../functions/archive/layout.ts';
import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { type ArchivedRow, linesOfPart, parseRow } from './archived-row.ts';
import { type Problem } from './output.ts';
import { type ExportSource, linesOf, readWhole, type SourceObject } from './source.ts';

/** What came out of the older versions of a thread's parts. */
export type EarlierVersions = { sources: SourceObject[]; problems: Problem[] };

type EarlierRow = { line: string; row: ArchivedRow };

/**
 * What messages were before: the rows of older versions whose content is another than that of the row that is exported, in
 * the order of the exported rows, and for each from the oldest to the newest. One line for each content, as it was archived.
 * @param rowsFile the exported rows
 * @param into gets what there is to say, while they are read
 */
export async function* readEarlierVersions(
  source: ExportSource,
  id: ThreadId,
  rowsFile: string,
  into: EarlierVersions,
): AsyncGenerator<string> {
  for await (const { dt, rows } of rowsByDay(rowsFile)) {
    const found = await earlierOfPart(source, id, partKey({ ...id, dt }), rows, into);
    for (const { message_id } of rows) {
      const ofMessage = [...(found.get(message_id)?.values() ?? [])];
      ofMessage.sort((a, b) => (a.row.observed_at < b.row.observed_at ? -1 : 1));
      for (const { line } of ofMessage) yield `${line}\n`;
    }
  }
}

async function* rowsByDay(rowsFile: string): AsyncGenerator<{ dt: string; rows: ArchivedRow[] }> {
  let dt = '';
  let rows: ArchivedRow[] = [];
  for await (const line of linesOf(rowsFile)) {
    const row = parseRow(line);
    if (row === undefined) continue;
    const day = row.created_at.slice(0, 10);
    if (day !== dt && rows.length > 0) yield { dt, rows };
    if (day !== dt) [dt, rows] = [day, []];
    rows.push(row);
  }
  if (rows.length > 0) yield { dt, rows };
}

/** By message id, then by content. */
async function earlierOfPart(
  source: ExportSource,
  id: ThreadId,
  key: string,
  rows: readonly ArchivedRow[],
  into: EarlierVersions,
): Promise<Map<string, Map<string, EarlierRow>>> {
  const found = new Map(rows.map(({ message_id }) => [message_id, new Map<string, EarlierRow>()]));
  const present = new Map(rows.map(({ message_id, raw }) => [message_id, raw]));
  for await (const version of source.listVersions(key)) {
    if (version.key !== key || version.isLatest) continue;
    const old = await readWhole(source, key, version.versionId);
    if (old === undefined) continue;
    const { object, body } = old;
    into.sources.push(object);
    const lines = await linesOfPart(body);
    const isDamaged =
      lines === undefined || (object.archive_sha256 !== null && object.archive_sha256 !== object.sha256);
    const problem = 'an older version of the part is damaged';
    if (isDamaged) into.problems.push({ thread: threadIdText(id), message_id: null, key, problem });
    for (const line of lines ?? []) {
      const row = parseRow(line);
      if (row === undefined) continue;
      const contents = found.get(row.message_id);
      if (contents === undefined || row.raw === present.get(row.message_id)) continue;
      const known = contents.get(row.raw);
      // Of two rows with one content, as when its file was added later, the later says more.
      if (known === undefined || known.row.observed_at <= row.observed_at)
        contents.set(row.raw, { line, row });
    }
  }
  return found;
}
