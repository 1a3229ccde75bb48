/** `YYYY-MM-DD hh:mm:ss.SSS` in UTC: the one form the Hive JSON SerDe reads as a timestamp, and it sorts as text. */
export function sqlTimestamp(instant: Date): string {
  const iso = instant.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
}

/** The instant a {@link sqlTimestamp} names, in milliseconds since 1970. */
export function timestampMs(timestamp: string): number {
  return Date.parse(`${timestamp.replace(' ', 'T')}Z`);
}

/** Whether an instant is one, and of the years that {@link sqlTimestamp} has four digits for. */
export function isInTables(instant: Date): boolean {
  const year = instant.getUTCFullYear();
  return year >= 0 && year <= 9999;
}
