import { formatTable } from '../../local/text-table.ts';
import { type DeadLetter } from './dead-letter.ts';

/** What is said of a letter that carries no reason: SQS or the folder's queue gave it up, not the worker. */
export const NO_REASON = 'the worker ended without an answer: out of time or out of memory';

const NAMES = ['thread', 'portal', 'age', 'tries', 'status', 'request id', 'reason'];

/** A table with a row for each letter, those that have been kept for longest first. */
export function describeLetters(letters: readonly DeadLetter[], now: number): string {
  if (letters.length === 0) return 'no dead letters';
  const rows = byAge(letters).map(({ thread, fault, reason, tries, keptSince }) => [
    thread?.threadId ?? 'none',
    thread?.portalId ?? 'none',
    describeAge(now - keptSince),
    String(tries ?? '?'),
    String(fault?.status ?? '-'),
    fault?.requestId ?? '-',
    reason ?? NO_REASON,
  ]);
  return formatTable([NAMES, ...rows]);
}

/** The letters as a JSON array. Times are ISO 8601 in UTC; what is not known is null. Never a body that is not ours. */
export function lettersAsJson(letters: readonly DeadLetter[]): string {
  const rows = byAge(letters).map(({ thread, fault, reason, tries, keptSince }) => ({
    threadId: thread?.threadId ?? null,
    portalId: thread?.portalId ?? null,
    reason: reason ?? NO_REASON,
    errorClass: fault?.errorClass ?? null,
    status: fault?.status ?? null,
    requestId: fault?.requestId ?? null,
    tries: tries ?? null,
    keptSince: new Date(keptSince).toISOString(),
    occurredAt: thread === undefined ? null : new Date(thread.occurredAt).toISOString(),
  }));
  return JSON.stringify(rows, null, 2);
}

/** How long ago, in its largest unit: `4 min`, `3 h`, `2 d`. */
export function describeAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function byAge(letters: readonly DeadLetter[]): DeadLetter[] {
  return letters.toSorted((one, other) => one.keptSince - other.keptSince);
}
