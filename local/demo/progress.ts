import { clearLine, cursorTo } from 'node:readline';

/** What the display shows while conversations grow. */
export type Progress = { messages: number; archived: number; erased: number; queued: number; calls: number };

const REFRESH_MS = 200;
const PLAIN_LINE_MS = 4_000;

/**
 * Shows progress until it is stopped: one line that changes on a terminal, a line every four seconds elsewhere.
 * Gives the function that stops it and leaves the last state on a line of its own.
 */
export function showProgress(read: () => Progress, out: NodeJS.WriteStream = process.stdout): () => void {
  const startedAt = Date.now();
  const line = () => {
    const { messages, archived, erased, queued, calls } = read();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(0).padStart(3);
    const gone = erased === 0 ? '' : `, ${number(erased)} erased`;
    const counts = `${number(messages)} messages announced, ${number(archived)} archived${gone}, ${number(queued)} in the queue`;
    return `${seconds} s  ${counts}, ${number(calls)} calls`;
  };
  const redraw = () => {
    clearLine(out, 0);
    cursorTo(out, 0);
    out.write(line().slice(0, (out.columns || 80) - 1));
  };
  const timer = out.isTTY
    ? setInterval(redraw, REFRESH_MS)
    : setInterval(() => out.write(`${line()}\n`), PLAIN_LINE_MS);
  return () => {
    clearInterval(timer);
    if (out.isTTY) redraw();
    else out.write(line());
    out.write('\n');
  };
}

/** A whole number with commas. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
