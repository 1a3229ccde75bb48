import { Aws } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { type Construct } from 'constructs';
import {
  hiveType,
  JSON_SERDE,
  projectionProperties,
  type Table,
  TABLES,
} from '../functions/archive/tables.ts';
import type { Config } from './config.ts';

/** Where the archive is, and which accounts and days it has. */
export type ArchiveTablesProps = {
  database: CfnDatabase;
  /** The archive's bucket, by its name. */
  bucket: string;
  config: Pick<Config, 'portals' | 'queryFirstDay'>;
};

/** Adds tables over the archive's files to a database, all of them or those that are named, and gives them. */
export function addArchiveTables(
  scope: Construct,
  { database, bucket, config }: ArchiveTablesProps,
  isWanted: (name: string) => boolean = () => true,
): CfnTable[] {
  const wanted = Object.entries(TABLES).filter(([name]) => isWanted(name));
  return wanted.map(([name, table]) => {
    const location = `s3://${bucket}/${table.prefix}`;
    return new CfnTable(scope, `Table-${name}`, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.ref,
      tableInput: {
        name,
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          EXTERNAL: 'TRUE',
          ...projectionProperties(table, {
            location,
            portals: config.portals,
            firstDay: config.queryFirstDay,
          }),
        },
        partitionKeys: table.partitions.map((partition) => ({ name: partition, type: 'string' })),
        storageDescriptor: {
          columns: columnsOf(table),
          location,
          ...TEXT_FILES,
          serdeInfo: { serializationLibrary: JSON_SERDE },
        },
      },
    });
  });
}

/** How Hive calls files that are read line by line. */
export const TEXT_FILES = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
} as const;

/** The columns of a table or a view, as Glue has them. */
export function columnsOf({ columns }: Pick<Table, 'columns'>): CfnTable.ColumnProperty[] {
  return Object.entries(columns).map(([name, column]) => ({
    name,
    type: hiveType(column),
    comment: column.comment,
  }));
}
