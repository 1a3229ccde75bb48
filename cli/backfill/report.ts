import { numeral } from '../../local/numeral.ts';
import { type ExitCode } from '../explain-failure.ts';
import { callsOf, type Estimate, estimateTotal, type Sample, type ThreadCost } from './estimate.ts';
import { describeDuration } from './progress.ts';
import { type Failure, type Survey } from './survey.ts';

/** What was found, in a line: counts of threads. */
export function describeSurvey({ live, inTrash, lacking, failures }: Survey): string {
  const byLack = Map.groupBy(lacking, ({ lack }) => lack);
  const lacks = [...byLack].map(([lack, { length }]) => `${numeral(length)} ${lack}`);
  const unreadable =
    failures.length === 0 ? '' : `; the records of ${numeral(failures.length)} cannot be read`;
  return (
    `HubSpot lists ${numeral(live + inTrash)} threads, ${numeral(inTrash)} of them in the trash; ` +
    `the archive lacks something of ${numeral(lacking.length)}${lacks.length === 0 ? '' : ` (${lacks.join(', ')})`}${unreadable}`
  );
}

/** What archiving the rest will take, for people: what was counted, what was measured of how many, and what follows. */
export function describeEstimate(
  { lacking }: Survey,
  { costs, unread }: Sample,
  { requestsPerSecond, calls }: { requestsPerSecond: number; calls: number },
): string {
  const total = (measure: (cost: ThreadCost) => number) => estimateTotal(lacking.length, costs.map(measure));
  const wanted = total(callsOf);
  const duration = describeDuration(wanted.about / requestsPerSecond);
  const measured =
    costs.length === lacking.length
      ? 'each of them was read'
      : `estimated from ${numeral(costs.length)} of them, drawn at random and read; in brackets: twice the standard error of that`;
  return [
    `measured   this run made ${numeral(calls)} calls; ${measured}${unread === 0 ? '' : `; ${numeral(unread)} more could not be read`}`,
    `messages   ${about(total(({ messages }) => messages))}`,
    `originals  ${about(total(({ originals }) => originals))} messages are listed cut`,
    `files      ${about(total(({ files }) => files))}, their downloads not counted as calls`,
    `calls      ${about(wanted)}, or fewer: originals and files that the archive has already are not fetched again`,
    `time       ${duration} at ${requestsPerSecond} calls a second`,
  ].join('\n');
}

/** Says how to go on, and how the command ends then. */
export function stopped(left: number): ExitCode {
  print(
    `stopped with ${numeral(left)} threads left; the same command goes on, and reads nothing again that is complete`,
  );
  return 1;
}

/** A line for each, where errors go. */
export function sayFailures(portalId: string, failures: readonly Failure[]): void {
  for (const { threadId, reason } of failures)
    process.stderr.write(`thread ${portalId}/${threadId}: ${reason}\n`);
}

/** A line. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function about({ about, from, to }: Estimate): string {
  const [middle, low, high] = [about, from, to].map((value) => numeral(value));
  return low === high ? (middle ?? '') : `about ${middle ?? ''} (${low ?? ''} to ${high ?? ''})`;
}
