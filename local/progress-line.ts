import { clearLine, cursorTo } from 'node:readline';

/** A line about something under way. */
export type ProgressLine = {
  /** Writes a line of its own, which stays. */
  say: (text: string) => void;
  /** Leaves the last state on a line of its own. */
  stop: () => void;
};

const REFRESH_MS = 200;
const PLAIN_LINE_MS = 4_000;

/** Shows how far something is until it is stopped: one line that changes on a terminal, a line every four seconds elsewhere. */
export function showProgressLine(line: () => string, out: NodeJS.WriteStream = process.stdout): ProgressLine {
  const clear = () => {
    clearLine(out, 0);
    cursorTo(out, 0);
  };
  const redraw = () => {
    clear();
    out.write(line().slice(0, (out.columns || 80) - 1));
  };
  const timer = out.isTTY
    ? setInterval(redraw, REFRESH_MS)
    : setInterval(() => out.write(`${line()}\n`), PLAIN_LINE_MS);
  return {
    say: (text) => {
      if (out.isTTY) clear();
      out.write(`${text}\n`);
    },
    stop: () => {
      clearInterval(timer);
      if (out.isTTY) redraw();
      else out.write(line());
      out.write('\n');
    },
  };
}
