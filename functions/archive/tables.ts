/**
 * The archive's tables: which columns are where, and how Athena finds the files. Glue's tables, the statements of
 * docs/data-dictionary.md and DuckDB's views all follow from it. Pure; used by the stack too.
 */
import { ACTOR_COLUMNS } from './columns/actors.ts';
import { type Column, type Columns } from './columns/column.ts';
import { ERASURE_COLUMNS } from './columns/erasures.ts';
import { HOLD_COLUMNS } from './columns/holds.ts';
import { MESSAGE_COLUMNS } from './columns/messages.ts';
import { CHANNEL_ACCOUNT_COLUMNS, CHANNEL_COLUMNS, INBOX_COLUMNS } from './columns/places.ts';
import { THREAD_COLUMNS } from './columns/threads.ts';
import { ACTORS_PREFIX, ERASURES_PREFIX, HOLDS_PREFIX, MESSAGES_PREFIX, THREADS_PREFIX } from './layout.ts';

/** What a key is divided by: the HubSpot account's id, and the UTC day (`YYYY-MM-DD`). Both are text. */
type Partition = 'portal_id' | 'dt';

/** A table over the files below a key prefix. */
export type Table = {
  /** Ends with a slash. */
  prefix: string;
  /** How the names of its files end. */
  extension: '.json' | '.json.gz';
  columns: Columns;
  /** In the order of the key. */
  partitions: readonly Partition[];
};

const ofAccount = { extension: '.json', partitions: ['portal_id'] } as const;

type TableName =
  'messages' | 'threads' | 'erasures' | 'holds' | 'actors' | 'inboxes' | 'channels' | 'channel_accounts';

/** Every table, by its name. */
export const TABLES: Readonly<Record<TableName, Table>> = {
  messages: {
    prefix: MESSAGES_PREFIX,
    extension: '.json.gz',
    columns: MESSAGE_COLUMNS,
    partitions: ['portal_id', 'dt'],
  },
  threads: { ...ofAccount, prefix: THREADS_PREFIX, columns: THREAD_COLUMNS },
  erasures: { ...ofAccount, prefix: ERASURES_PREFIX, columns: ERASURE_COLUMNS },
  holds: { ...ofAccount, prefix: HOLDS_PREFIX, columns: HOLD_COLUMNS },
  actors: { ...ofAccount, prefix: ACTORS_PREFIX, columns: ACTOR_COLUMNS },
  inboxes: { ...ofAccount, prefix: 'inboxes/', columns: INBOX_COLUMNS },
  channels: { ...ofAccount, prefix: 'channels/', columns: CHANNEL_COLUMNS },
  channel_accounts: { ...ofAccount, prefix: 'channel_accounts/', columns: CHANNEL_ACCOUNT_COLUMNS },
};

/** The name of the database that the tables are in. */
export const DATABASE_NAME = 'threadvault';

/**
 * The SerDe that reads the rows. Not the OpenX one, of which AWS says that the number of rows and their values can be
 * non-deterministic (https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html, read November 2026).
 */
export const JSON_SERDE = 'org.apache.hive.hcatalog.data.JsonSerDe';

/** The type of a column as Hive and Athena write it. */
export function hiveType(column: Column): string {
  if ('type' in column) return column.type;
  const { arrayOf } = column;
  if (typeof arrayOf === 'string') return `array<${arrayOf}>`;
  const fields = Object.entries(arrayOf).map(([name, type]) => `${name}:${type}`);
  return `array<struct<${fields.join(',')}>>`;
}

/** What partition projection has to know: where the table's files are, the accounts, and the first UTC day. */
export type Projection = {
  /** `s3://<bucket>/<prefix>` */
  location: string;
  portals: readonly string[];
  /** `YYYY-MM-DD`. Messages of a day before it are silently not read. */
  firstDay: string;
};

/**
 * The properties by which Athena computes a table's partitions, in the order in which they are documented. The range of
 * days goes on to the UTC day after the query's
 * (https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html, read November 2026).
 */
export function projectionProperties(
  { partitions }: Pick<Table, 'partitions'>,
  { location, portals, firstDay }: Projection,
): Record<string, string> {
  const known: Record<Partition, Record<string, string>> = {
    portal_id: {
      'projection.portal_id.type': 'enum',
      'projection.portal_id.values': portals.join(','),
    },
    dt: {
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.range': `${firstDay},NOW+1DAY`,
    },
  };
  const path = partitions.map((partition) => `${partition}=\${${partition}}/`).join('');
  return Object.fromEntries([
    ['projection.enabled', 'true'],
    ...partitions.flatMap((partition) => Object.entries(known[partition])),
    ['storage.location.template', `${location}${path}`],
  ]);
}
