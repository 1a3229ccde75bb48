import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createStack, readable } from '../cdk/synthesise.ts';
import { trinoConnection } from './connection.ts';

/** A view as CloudFormation gives it to Glue. */
export type StackView = {
  Name: string;
  TableType: string;
  Description?: string;
  Parameters: Record<string, string>;
  StorageDescriptor: { Columns: { Name: string; Type: string; Comment: string }[] };
  ViewOriginalText: string;
  ViewExpandedText: string;
};
/** What Trino reads in its text. */
export type ViewDefinition = {
  originalSql: string;
  schema: string;
  columns: { name: string; type: string }[];
};

/** The views that the stack has in a database, those over the analytics copy included. */
export function viewsOfStack(database: string): StackView[] {
  const { queryStack } = createStack({ analytics: 'true' });
  const tables = Template.fromStack(queryStack).findResources('AWS::Glue::Table');
  return Object.values(tables as Record<string, { Properties: { TableInput: StackView } }>)
    .map(({ Properties: { TableInput: input } }) => input)
    .filter(({ TableType }) => TableType === 'VIRTUAL_VIEW')
    .map((input) => ({ ...input, ViewOriginalText: readable(input.ViewOriginalText) }))
    .filter((view) => definitionOf(view).schema === database);
}

/**
 * Puts a view into a schema of Trino's metastore, which is files, as its GlueConverter.java takes it from Glue: a description
 * is the comment (https://github.com/trinodb/trino, read November 2026).
 */
export async function putView(schema: string, view: StackView): Promise<void> {
  const { Name, TableType, Description, Parameters, StorageDescriptor, ...text } = view;
  const stored = {
    writerVersion: '476',
    tableType: TableType,
    dataColumns: StorageDescriptor.Columns.map((column) => ({
      name: column.Name,
      type: column.Type,
      comment: column.Comment,
      properties: {},
    })),
    partitionColumns: [],
    parameters: { ...Parameters, ...(Description !== undefined && { comment: Description }) },
    originalStorageFormat: {},
    serdeParameters: {},
    viewOriginalText: text.ViewOriginalText,
    viewExpandedText: text.ViewExpandedText,
    columnStatistics: {},
  };
  const file = metastoreFile(schema, Name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(stored));
}

/** What Trino itself has stored for a view that it made. */
export async function storedDefinition(schema: string, name: string): Promise<ViewDefinition> {
  const stored = await readFile(metastoreFile(schema, name), 'utf8');
  return definitionOf(JSON.parse(stored) as { viewOriginalText: string });
}

/** What a view's text says. */
export function definitionOf(
  view: { ViewOriginalText: string } | { viewOriginalText: string },
): ViewDefinition {
  const text = 'ViewOriginalText' in view ? view.ViewOriginalText : view.viewOriginalText;
  const encoded = /^\/\* Presto View: (\S+) \*\/$/.exec(text)?.[1] ?? '';
  return JSON.parse(Buffer.from(encoded, 'base64').toString()) as ViewDefinition;
}

/** The same view with something else in its text. */
export function withDefinition(view: StackView, changes: Partial<ViewDefinition>): StackView {
  const text = JSON.stringify({ ...definitionOf(view), ...changes });
  return { ...view, ViewOriginalText: `/* Presto View: ${Buffer.from(text).toString('base64')} */` };
}

function metastoreFile(schema: string, name: string): string {
  return path.join(trinoConnection().root, 'metastore', schema, name, '.trinoSchema');
}
