/*
 * What a column is. The files beside this one say what the rows of each table hold: the one place that does. Row types, what is
 * written, the tables over the bucket and docs/data-dictionary.md all follow from them. Type names are those of Hive and Athena.
 */

type Scalar = 'string' | 'boolean' | 'timestamp' | 'bigint';

/** The fields of a struct. */
type Struct = Readonly<Record<string, Scalar>>;

/** A column: its type, or what its array holds, and what it means to an analyst. */
export type Column = { type: Scalar; comment: string } | { arrayOf: Scalar | Struct; comment: string };
/** The columns of a table, by their names. */
export type Columns = Readonly<Record<string, Column>>;

type ScalarValue<S extends Scalar> =
  (S extends 'boolean' ? boolean : S extends 'bigint' ? number : string) | null;
type Element<E extends Scalar | Struct> = E extends Scalar
  ? NonNullable<ScalarValue<E>>
  : { -readonly [Name in keyof E]: ScalarValue<E[Name] & Scalar> };
type ColumnValue<C extends Column> = C extends { arrayOf: infer E extends Scalar | Struct }
  ? Element<E>[]
  : C extends { type: infer S extends Scalar }
    ? ScalarValue<S>
    : never;

/** A row with these columns, in the text form the JSON tables read: timestamps are `YYYY-MM-DD hh:mm:ss.SSS` in UTC. */
export type RowOf<C extends Columns> = { -readonly [Name in keyof C]: ColumnValue<C[Name]> };
