/**
 * A value of an answer in the form in which Trino's and DuckDB's are compared. Trino gives a row of a struct as an array and a
 * bigint as a number; DuckDB's JSON gives an object and a text, and leaves out zeros at the end of a fraction of a second.
 */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(comparable);
  if (Number.isInteger(value)) return String(value);
  return typeof value === 'string'
    ? value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d*?)0*$/, joined)
    : value;
}

/** Rows in that form, each as one text, in the order of these texts: for answers that have no order of their own. */
export function sortedTexts(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(comparable(row))).sort();
}

function joined(_whole: string, seconds: string, fraction: string): string {
  return fraction === '' ? seconds : `${seconds}.${fraction}`;
}
