import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { trinoType, type View, VIEWS } from '../queries/views.ts';
import { columnsOf } from './archive-tables.ts';

/** Where the views go, and what they read. */
export type QueryViewsProps = {
  database: CfnDatabase;
  /** The database's name, which a view tells Athena. */
  databaseName: string;
  /** Tables that are made first. */
  tables: readonly CfnTable[];
  /** Digits of a second's fraction in the times of what they read. */
  timeDigits: number;
};

/**
 * The views, as Athena keeps those that it makes: each a Glue table without files, whose text has the SQL and its columns.
 * Nothing runs at deployment, and nothing there compares the columns with the SQL: tests do.
 *
 * Trino, of which Athena is made, takes a description for the comment, and a view with another comment for no view of its
 * own: so there is none. It wants `serdeInfo`, but nothing in it
 * (https://github.com/trinodb/trino, GlueConverter.java and ViewReaderUtil.java of the Hive plugin, read November 2026).
 */
export function addViews(
  scope: Construct,
  { database, databaseName, tables, timeDigits }: QueryViewsProps,
): void {
  const encode = (definition: object) => Fn.base64(Stack.of(scope).toJsonString(definition));
  for (const view of VIEWS) {
    const made = new CfnTable(scope, `View-${view.name}`, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.ref,
      tableInput: {
        name: view.name,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        partitionKeys: [],
        storageDescriptor: { columns: columnsOf(view), location: '', serdeInfo: {} },
        viewOriginalText: `/* Presto View: ${encode(definitionOf(view, databaseName, timeDigits))} */`,
        viewExpandedText: '/* Presto View */',
      },
    });
    for (const table of tables) made.addResourceDependency(table);
  }
}

/**
 * What Trino calls a view's definition, as JSON, with every field that it or Athena writes. The catalog and the database are
 * those in which the SQL's names are looked up, whatever database has been chosen for a query over the view. Trino reads no
 * view that has no owner (https://github.com/trinodb/trino/issues/18573, read November 2026); Athena's is the account, and
 * who queries brings the permissions along.
 */
function definitionOf({ sql, columns }: View, databaseName: string, timeDigits: number): object {
  return {
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema: databaseName,
    columns: Object.entries(columns).map(([name, column]) => ({ name, type: trinoType(column, timeDigits) })),
    owner: Aws.ACCOUNT_ID,
    runAsInvoker: false,
    path: [],
    properties: {},
  };
}
