import { numeral } from '../../local/numeral.ts';
import { type ProgressLine, showProgressLine } from '../../local/progress-line.ts';

/** How far the work is. `calls`: undefined when others make them. */
export type Progress = {
  done: number;
  total: number;
  calls: number | undefined;
  failed: number;
  note: string;
};

const BAR_WIDTH = 20;
const WINDOW_MS = 60_000;

/** Shows a bar, the rates of the last minute and the time left, until it is stopped. */
export function showProgress(read: () => Progress): ProgressLine {
  const meter = createMeter(Date.now);
  const look = (progress: Progress) => meter([progress.done, progress.calls ?? 0]);
  look(read());
  return showProgressLine(() => {
    const progress = read();
    return describeProgress(progress, look(progress));
  });
}

/** Gives, for some counts that grow, how much each has grown in a second of the last minute. */
export function createMeter(now: () => number): (counts: readonly number[]) => number[] {
  const looks: { at: number; counts: readonly number[] }[] = [];
  return (counts) => {
    looks.push({ at: now(), counts });
    while (looks.length > 2 && (looks[1]?.at ?? Infinity) <= now() - WINDOW_MS) looks.shift();
    const [first] = looks;
    const seconds = (now() - (first?.at ?? now())) / 1000;
    return counts.map((count, i) => (seconds === 0 ? 0 : (count - (first?.counts[i] ?? 0)) / seconds));
  };
}

/** One line. `rates`: of what is done and of calls, per second. */
export function describeProgress(
  { done, total, calls, failed, note }: Progress,
  [threadsPerSecond = 0, callsPerSecond = 0]: readonly number[],
): string {
  const share = total === 0 ? 1 : done / total;
  const full = Math.floor(share * BAR_WIDTH);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
  const rest = total - done;
  const left =
    rest === 0 || threadsPerSecond === 0 ? [] : [`${describeDuration(rest / threadsPerSecond)} left`];
  return [
    `${bar}  ${numeral(done)} of ${numeral(total)} threads`,
    ...(calls === undefined ? [] : [`${callsPerSecond.toFixed(1)} calls/s`]),
    `${threadsPerSecond.toFixed(1)} threads/s`,
    ...left,
    ...(failed === 0 ? [] : [`${numeral(failed)} failed`]),
    ...(note === '' ? [] : [note]),
  ].join(', ');
}

/** Seconds in their largest units: `40 s`, `7 min`, `3 h 20 min`, `2 d 4 h`. */
export function describeDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.ceil(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
