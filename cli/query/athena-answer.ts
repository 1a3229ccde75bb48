import {
  type AthenaClient,
  type ColumnInfo,
  paginateGetQueryResults,
  type Row,
} from '@aws-sdk/client-athena';
import { type Answer } from './answer.ts';

/**
 * The whole answer to a query that has succeeded, page by page. Its values are those that DuckDB gives of a folder, as far as
 * their types go: small integers and floating-point numbers, booleans, and texts of everything else. Of arrays, maps and
 * structs Athena gives a text of its own.
 * @param goOn is called before each page; what it throws ends the reading
 * @throws what Athena throws
 */
export async function readAthenaAnswer(
  client: AthenaClient,
  queryId: string,
  goOn: () => void,
): Promise<Answer> {
  let columns: readonly ColumnInfo[] | undefined;
  const rows: unknown[][] = [];
  goOn();
  for await (const { ResultSet } of paginateGetQueryResults({ client }, { QueryExecutionId: queryId })) {
    goOn();
    let page = (ResultSet?.Rows ?? []).map(textsOf);
    if (columns === undefined) {
      columns = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      if (isHead(page[0], columns)) page = page.slice(1);
    }
    for (const texts of page) rows.push(columns.map(({ Type = '' }, i) => valueOf(texts[i], Type)));
  }
  return { columns: distinct((columns ?? []).map(({ Name = '' }) => Name)), rows };
}

/** A null has no text. */
function textsOf({ Data = [] }: Row): (string | undefined)[] {
  return Data.map(({ VarCharValue }) => VarCharValue);
}

/** The first row of a SELECT is the names of its columns; SHOW, DESCRIBE and their like have no such row. */
function isHead(texts: readonly (string | undefined)[] | undefined, columns: readonly ColumnInfo[]): boolean {
  return texts !== undefined && columns.every(({ Name }, i) => texts[i] === Name);
}

/** Types as the API names them (https://docs.aws.amazon.com/athena/latest/ug/data-types.html, read November 2026). */
function valueOf(text: string | undefined, type: string): unknown {
  if (text === undefined) return null;
  switch (type) {
    case 'boolean':
      return text === 'true';
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'float':
    case 'double':
      // JSON has no NaN and no infinity: they stay texts.
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case 'timestamp':
      // DuckDB ends a time with its last digit that is not 0.
      return text.replace(/\.0+$|(\.\d*[1-9])0+$/, '$1');
    default:
      return text;
  }
}

/** Names that differ, as DuckDB makes them: `a`, `a:1`. JSON would lose all but one of the same name. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}:${count}`;
  });
}
