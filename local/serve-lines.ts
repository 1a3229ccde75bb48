import { type RecordVerdict } from '../functions/archive/archive-batch.ts';
import { type SweepReport } from '../functions/sweep/sweep.ts';
import { type PassReport } from '../functions/sweep/walk.ts';
import { threadIdText } from '../functions/thread-id.ts';
import { parseQueuedThread } from '../functions/thread-queue/queued-thread.ts';
import { type WebhookOutcome } from '../functions/webhook/receive.ts';
import { type DeadLetter } from './queue-messages.ts';

/** What became of a record, in one line: ids, counts and reasons, never content. */
export function describeVerdict(verdict: RecordVerdict, queued: number): string {
  const thread =
    verdict.thread === undefined ? 'a record of no thread' : `thread ${threadIdText(verdict.thread)}`;
  if (verdict.result === 'again') {
    return `${thread}: again in ${verdict.afterSeconds} s, ${verdict.reason}; ${queued} queued`;
  }
  if (verdict.result === 'dead') return `${thread}: given up; ${queued} queued`;
  const { outcome, unseen } = verdict;
  if (outcome.status === 'covered') return `${thread}: covered by an earlier fetch; ${queued} queued`;
  const counts = [
    `${outcome.messages} messages`,
    `${outcome.pages} pages read`,
    `${outcome.partsWritten} parts written`,
    ...(unseen === 0 ? [] : [`${unseen} never shown by HubSpot`]),
  ];
  return `${thread}: ${outcome.status}, ${counts.join(', ')}; ${queued} queued`;
}

/** A message that was given up, in one line. */
export function describeDeadLetter({ body, reason, receiveCount }: DeadLetter): string {
  const queued = parseQueuedThread(body);
  const thread = queued === undefined ? 'a record of no thread' : `thread ${threadIdText(queued)}`;
  return `${thread}: given up after ${receiveCount} attempts, ${reason}`;
}

/** What became of a request, in one line. */
export function describeWebhook(outcome: WebhookOutcome): string {
  if (outcome.result !== 'accepted') return `webhook ${outcome.result}: ${outcome.reason}`;
  const { events, threads, ignored } = outcome;
  return `webhook accepted: ${events} events of ${threads} threads, ${ignored.length} ignored`;
}

/** What a sweep did, a line for each pass and failure; none for a pass that listed nothing. */
export function describeSweep({ passes, failures }: SweepReport): string[] {
  const worthALine = passes.filter(({ listed, reason }) => listed > 0 || reason !== undefined);
  return [...worthALine.map(describePass), ...failures.map((reason) => `sweep: ${reason}`)];
}

const PASS_NAMES = { recent: 'new messages', trash: 'the trash', full: 'edits' } as const;

function describePass({ pass, status, reason, listed, queued, unreadable, unarchived = 0 }: PassReport) {
  const counts = [
    `${listed} threads listed`,
    `${queued} queued`,
    ...(unreadable.length === 0 ? [] : [`records that cannot be read: ${unreadable.join(' ')}`]),
    ...(unarchived === 0 ? [] : [`${unarchived} not whole in the archive since the last time`]),
  ];
  const why = reason === undefined ? '' : `, ${reason}`;
  return `sweep for ${PASS_NAMES[pass]}: ${status}${why}; ${counts.join(', ')}`;
}

const REFUSALS_EVERY_MS = 10_000;

/**
 * Whether to print a webhook's line. Anyone can be refused, so refusals are worth a line in ten seconds for each reason:
 * enough to find out that the URL or the secret is wrong.
 */
export function createWebhookFilter(now: () => number): (outcome: WebhookOutcome) => boolean {
  const printedAt = new Map<string, number>();
  return (outcome) => {
    if (outcome.result !== 'refused') return true;
    if (now() - (printedAt.get(outcome.reason) ?? -Infinity) < REFUSALS_EVERY_MS) return false;
    printedAt.set(outcome.reason, now());
    return true;
  };
}
