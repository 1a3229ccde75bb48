/** The variable that tells the tests where Trino answers. */
export const TRINO_URL = 'THREADVAULT_TRINO_URL';
/** The variable that tells the tests which folder Trino reads: its `local:///` is that folder. */
export const TRINO_ROOT = 'THREADVAULT_TRINO_ROOT';

/** Trino's catalog of the tables over the archive, by the name that Athena gives to its own. */
export const HIVE_CATALOG = 'awsdatacatalog';
/**
 * The catalog that Iceberg tables are made in. It shares its metastore with {@link HIVE_CATALOG}, which leads on to it: once
 * made, an Iceberg table is read, written and dropped by its name there, as in Athena. CREATE TABLE alone must name this one.
 */
export const ICEBERG_CATALOG = 'iceberg';

/** Where Trino answers, and the folder it reads, as run.ts has set them. */
export function trinoConnection(): { url: string; root: string } {
  const { [TRINO_URL]: url, [TRINO_ROOT]: root } = process.env;
  if (url === undefined || root === undefined) throw new Error('these tests need Trino: npm run test:trino');
  return { url, root };
}
