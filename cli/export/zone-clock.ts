import { timestampMs } from '../../functions/archive/timestamp.ts';

/** Times as a transcript shows them: in UTC, and in the zone that was asked for. */
export type ZoneClock = {
  zone: string;
  /** The instant at which a day (`YYYY-MM-DD`) begins in the zone, milliseconds since 1970. */
  startOfDay: (day: string) => number;
  /** The day after, `YYYY-MM-DD`. */
  nextDay: (day: string) => string;
  /** The day in the zone of a time of the archive, `YYYY-MM-DD`. */
  dayOf: (timestamp: string) => string;
  /** `2026-02-01 23:30:00 UTC`, and in another zone beside it `(2026-02-02 00:30:00 +01:00)`. */
  show: (timestamp: string) => string;
};

/**
 * Times in a zone of the IANA database, as Node.js knows it.
 * @throws RangeError when it knows no such zone
 */
export function createZoneClock(zone: string): ZoneClock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const isUtc = format.resolvedOptions().timeZone === 'UTC';

  function read(ms: number) {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
    return {
      day: `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}`,
      time: `${of('hour')}:${of('minute')}:${of('second')}`,
      // `GMT` alone is no offset.
      offset: of('timeZoneName').slice('GMT'.length) || '+00:00',
    };
  }

  function startOfDay(day: string): number {
    const midnight = Date.parse(`${day}T00:00:00Z`);
    const offsetAt = (ms: number) => {
      const there = read(ms);
      return Date.parse(`${there.day}T${there.time}Z`) - ms;
    };
    return midnight - offsetAt(midnight - offsetAt(midnight));
  }

  return {
    zone,
    startOfDay,
    nextDay: (day) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10),
    dayOf: (timestamp) => read(timestampMs(timestamp)).day,
    show(timestamp) {
      const ms = timestampMs(timestamp);
      if (Number.isNaN(ms)) return timestamp;
      const utc = `${timestamp.slice(0, 19)} UTC`;
      if (isUtc) return utc;
      const { day, time, offset } = read(ms);
      return `${utc} (${day === timestamp.slice(0, 10) ? '' : `${day} `}${time} ${offset})`;
    },
  };
}

/** Whether a text is a day that there is, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Whether Node.js knows a time zone by that name. */
export function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
