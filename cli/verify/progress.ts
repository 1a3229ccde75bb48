import { clearLine, cursorTo } from 'node:readline';
import { numeral } from '../../local/numeral.ts';

/** What is done at the moment, and how far it is. `of` is undefined where the end is not known. */
export type Progress = { step: string; done: number; of: number | undefined };

const REFRESH_MS = 200;
const PLAIN_LINE_MS = 5_000;
const BAR = 24;

/**
 * Shows progress until it is stopped: one line with a bar on a terminal, a line every five seconds elsewhere. On the standard
 * error output, so that the standard output has the report alone.
 */
export function showProgress(read: () => Progress, out: NodeJS.WriteStream = process.stderr): () => void {
  const redraw = () => {
    clearLine(out, 0);
    cursorTo(out, 0);
    out.write(describeProgress(read(), { bar: true }).slice(0, (out.columns || 80) - 1));
  };
  const timer = out.isTTY
    ? setInterval(redraw, REFRESH_MS)
    : setInterval(() => out.write(`${describeProgress(read(), { bar: false })}\n`), PLAIN_LINE_MS);
  return () => {
    clearInterval(timer);
    if (!out.isTTY) return;
    clearLine(out, 0);
    cursorTo(out, 0);
  };
}

/** One line, with or without a bar. */
export function describeProgress({ step, done, of }: Progress, { bar }: { bar: boolean }): string {
  if (of === undefined || of === 0) return `${step}: ${numeral(done)}`;
  const share = Math.min(1, done / of);
  const full = Math.round(share * BAR);
  const drawn = bar ? `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ` : '';
  return `${drawn}${step}: ${numeral(done)} of ${numeral(of)}, ${Math.floor(share * 100)} %`;
}
