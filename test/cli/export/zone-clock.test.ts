import { describe, expect, it } from 'vitest';
import { createZoneClock, isDay, isZone } from '../../../cli/export/zone-clock.ts';

describe('times in a zone', () => {
  it.each([
    ['UTC', '2026-02-03', '2026-02-03T00:00:00Z'],
    ['Europe/Berlin', '2026-02-03', '2026-02-02T23:00:00Z'],
    // The clocks go forward on this day, and back on that.
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00Z'],
    ['America/Los_Angeles', '2026-11-02', '2026-11-02T08:00:00Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00Z'],
    ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00Z'],
  ])('of %s have %s begin at %s', (zone, day, instant) => {
    expect(new Date(createZoneClock(zone).startOfDay(day)).toISOString()).toBe(instant.replace('Z', '.000Z'));
  });

  it('are shown in UTC and in the zone, with the day where that is another', () => {
    const berlin = createZoneClock('Europe/Berlin');

    expect(berlin.show('2026-07-01 12:00:00.123')).toBe('2026-07-01 12:00:00 UTC (14:00:00 +02:00)');
    expect(berlin.show('2026-02-01 23:30:00.000')).toBe(
      '2026-02-01 23:30:00 UTC (2026-02-02 00:30:00 +01:00)',
    );
    expect(berlin.dayOf('2026-02-01 23:30:00.000')).toBe('2026-02-02');
    expect(createZoneClock('UTC').show('2026-02-01 23:30:00.000')).toBe('2026-02-01 23:30:00 UTC');
  });

  it('go from a day to the next, over the end of a year', () => {
    expect(createZoneClock('UTC').nextDay('2026-12-31')).toBe('2027-01-01');
  });
});

describe('what is typed', () => {
  it.each([
    ['2026-02-28', true],
    ['2026-02-30', false],
    ['2026-2-3', false],
    ['yesterday', false],
  ])('is a day: %s, %s', (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });

  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Berlin', false],
  ])('is a zone: %s, %s', (text, expected) => {
    expect(isZone(text)).toBe(expected);
  });
});
