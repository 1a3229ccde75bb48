import { number, type ProgressLine, showProgressLine } from '../progress-line.ts';

/** What the display shows while conversations grow. */
export type Progress = { messages: number; archived: number; erased: number; queued: number; calls: number };

/** Shows progress until it is stopped. */
export function showProgress(read: () => Progress): ProgressLine {
  const startedAt = Date.now();
  return showProgressLine(() => {
    const { messages, archived, erased, queued, calls } = read();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(0).padStart(3);
    const gone = erased === 0 ? '' : `, ${number(erased)} erased`;
    const counts = `${number(messages)} messages announced, ${number(archived)} archived${gone}, ${number(queued)} in the queue`;
    return `${seconds} s  ${counts}, ${number(calls)} calls`;
  });
}
