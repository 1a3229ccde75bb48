import { numeral } from '../numeral.ts';
import { type ProgressLine, showProgressLine } from '../progress-line.ts';

/** What the display shows while conversations grow. */
export type Progress = { messages: number; archived: number; erased: number; queued: number; calls: number };

/** Shows progress until it is stopped. */
export function showProgress(read: () => Progress): ProgressLine {
  const startedAt = Date.now();
  return showProgressLine(() => {
    const { messages, archived, erased, queued, calls } = read();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(0).padStart(3);
    const gone = erased === 0 ? '' : `, ${numeral(erased)} erased`;
    const counts = `${numeral(messages)} messages announced, ${numeral(archived)} archived${gone}, ${numeral(queued)} in the queue`;
    return `${seconds} s  ${counts}, ${numeral(calls)} calls`;
  });
}
