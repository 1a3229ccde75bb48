import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { hiveType, TABLES } from '../../functions/archive/tables.ts';
import { COPIED_TABLES } from '../../queries/analytics-copy.ts';
import { trinoType, VIEWS } from '../../queries/views.ts';
import { createStack, readable } from './synthesise.ts';

type Resource = {
  DependsOn?: string[];
  Properties: {
    DatabaseName: unknown;
    TableInput: { Name: string; TableType: string; ViewOriginalText: unknown };
  };
};

const { queryStack } = createStack({ analytics: 'true' });
const template = Template.fromStack(queryStack);

describe.each([
  { database: 'threadvault', timeDigits: 3, isBelow: isTable },
  // The tables that are copied are not of the stack: the first run makes them.
  { database: 'threadvault_analytics', timeDigits: 6, isBelow: isNotCopied },
])('the views of the database $database', ({ database, timeDigits, isBelow }) => {
  const [databaseId] = Object.keys(
    template.findResources('AWS::Glue::Database', { Properties: { DatabaseInput: { Name: database } } }),
  );
  const resources = Object.entries(
    template.findResources('AWS::Glue::Table', {
      Properties: { DatabaseName: { Ref: databaseId } },
    }) as Record<string, Resource>,
  );
  const views = resources.filter(([, { Properties }]) => Properties.TableInput.TableType === 'VIRTUAL_VIEW');

  // Without a description, which Trino would take for another comment: it would not find the view then.
  it('are Glue tables as Athena makes them: without files, partitions and a description', () => {
    const made = views.map(([, { Properties }]) => {
      const { ViewOriginalText: _, ...input } = Properties.TableInput;
      return { ...Properties, TableInput: input };
    });

    expect(made).toEqual(
      VIEWS.map(({ name, columns }) => ({
        CatalogId: { Ref: 'AWS::AccountId' },
        DatabaseName: { Ref: databaseId },
        TableInput: {
          Name: name,
          TableType: 'VIRTUAL_VIEW',
          Parameters: { presto_view: 'true', comment: 'Presto View' },
          PartitionKeys: [],
          StorageDescriptor: {
            Columns: Object.entries(columns).map(([column, definition]) => ({
              Name: column,
              Type: hiveType(definition),
              Comment: definition.comment,
            })),
            Location: '',
            SerdeInfo: {},
          },
          ViewExpandedText: '/* Presto View */',
        },
      })),
    );
  });

  it('have their SQL and their columns in the text that Trino reads', () => {
    const read = views.map(([, { Properties }]) => {
      const text = readable(Properties.TableInput.ViewOriginalText);
      const encoded = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(text)?.[1] ?? '';
      return JSON.parse(Buffer.from(encoded, 'base64').toString()) as unknown;
    });

    expect(read).toEqual(
      VIEWS.map(({ sql, columns }) => ({
        originalSql: sql,
        catalog: 'awsdatacatalog',
        schema: database,
        columns: Object.entries(columns).map(([name, column]) => ({
          name,
          type: trinoType(column, timeDigits),
        })),
        owner: 'AWS::AccountId',
        runAsInvoker: false,
        path: [],
        properties: {},
      })),
    );
  });

  it('are made after the tables', () => {
    const tables = resources
      .filter(([, { Properties }]) => isBelow(Properties.TableInput.Name))
      .map(([id]) => id);

    expect(tables).toHaveLength(Object.keys(TABLES).filter(isBelow).length);
    expect(views.map(([, { DependsOn }]) => DependsOn?.toSorted())).toEqual(
      views.map(() => tables.toSorted()),
    );
  });
});

function isTable(name: string): boolean {
  return name in TABLES;
}

function isNotCopied(name: string): boolean {
  return isTable(name) && !COPIED_TABLES.some((copied) => copied === name);
}
