import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { DATABASE_NAME } from '../functions/archive/tables.ts';
import { trinoType, type View, VIEWS } from '../queries/views.ts';
import { columnsOf } from './archive-tables.ts';

/** Where the views go, and the tables that they read: these are made first. */
export type QueryViewsProps = { database: CfnDatabase; tables: readonly CfnTable[] };

/**
 * The views, as Athena keeps those that it makes: each a Glue table without files, whose text has the SQL and its columns.
 * Nothing runs at deployment, and nothing there compares the columns with the SQL: tests do.
 *
 * Trino, of which Athena is made, takes a description for the comment, and a view with another comment for no view of its
 * own: so there is none. It wants `serdeInfo`, but nothing in it
 * (https://github.com/trinodb/trino, GlueConverter.java and ViewReaderUtil.java of the Hive plugin, read November 2026).
 */
export function addViews(scope: Construct, { database, tables }: QueryViewsProps): void {
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
        viewOriginalText: `/* Presto View: ${Fn.base64(definitionOf(view, Stack.of(scope)))} */`,
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
function definitionOf({ sql, columns }: View, stack: Stack): string {
  return stack.toJsonString({
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema: DATABASE_NAME,
    columns: Object.entries(columns).map(([name, column]) => ({ name, type: trinoType(column) })),
    owner: Aws.ACCOUNT_ID,
    runAsInvoker: false,
    path: [],
    properties: {},
  });
}
