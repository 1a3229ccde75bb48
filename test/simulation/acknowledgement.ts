import { type CaptureOutcome } from '../../functions/archive/capture.ts';
import { settlingMs } from '../../functions/archive/covered.ts';
import { type MessageRow } from '../../functions/archive/row.ts';
import { type Account } from './account.ts';
import { type Bucket } from './bucket.ts';
import { readRecord } from './final-check.ts';
import { type Delivery, type Message, type Queue, short } from './queue.ts';
import { type Stage } from './stage.ts';
import { rowsOf } from './stored.ts';

// HubSpot shows a message at most a minute late; to note it as unseen before twice that is not to wait for it.
const LEAST_UNSEEN_WAIT_MS = 120_000;

type Archive = {
  account: Account;
  bucket: Bucket;
  queue: Queue;
  isArchived: (messageId: string) => boolean;
  /** Invocations under way. */
  busy: () => number;
};

/** Checks what a record promises with its acknowledgement, at the moment when it is acknowledged. */
export function createAcknowledgementCheck(
  stage: Stage,
  { account, bucket, queue, isArchived, busy }: Archive,
) {
  const { receiverSkew, coalesce, countingCursors } = stage.plan.settings;

  /** What it names is archived, or was looked for long enough. */
  function checkNamed({ id: recordId, thread }: Message, outcome: CaptureOutcome): void {
    const { threadId, messageIds, receivedAt } = thread;
    const waited = stage.clock.now() - (receivedAt - receiverSkew);
    const noted = readRecord(bucket, threadId)?.unseen_message_ids ?? [];
    if (outcome.status === 'gone' && waited < LEAST_UNSEEN_WAIT_MS) {
      stage.violate(1, `${recordId} is acknowledged, thread ${threadId} was not waited for`);
    }
    for (const id of messageIds.filter((each) => !isArchived(each))) {
      if (!noted.includes(id))
        stage.violate(1, `${recordId} is acknowledged, ${short(id)} is neither archived nor noted`);
      else if (waited < LEAST_UNSEEN_WAIT_MS) {
        stage.violate(1, `${recordId} is acknowledged, ${short(id)} was not waited for`);
      }
    }
  }

  /** What HubSpot showed when the event had settled is archived, named or not. */
  function checkShown({ id: recordId, thread }: Message, settledAt: number): void {
    for (const { messageId } of account.messagesOf(thread.threadId)) {
      if (account.shownSince(messageId) > settledAt || isArchived(messageId)) continue;
      stage.violate(1, `${recordId} is acknowledged, ${short(messageId)} was there and is not archived`);
    }
  }

  /** When nobody else is at work on the thread, the archive is as new as that, and its record is true. */
  function checkArchive({ id: recordId, thread }: Message, settledAt: number): void {
    const isAlone =
      busy() === 1 &&
      [...queue.waiting.values(), ...queue.dead].every(
        (other) => other.id === recordId || other.thread.threadId !== thread.threadId,
      );
    if (!isAlone) return;
    for (const { key, version_id } of readRecord(bucket, thread.threadId)?.parts ?? []) {
      if (bucket.objects.get(key ?? '')?.versionId === version_id) continue;
      stage.violate(5, `${recordId} is acknowledged, the thread's record is wrong about ${key ?? 'a part'}`);
    }
    for (const row of rowsIn(bucket, thread.threadId)) {
      const { message_id: id, raw } = row;
      const lastShown = account.lastShown(id, raw) ?? 0;
      if (account.isShown(id) && lastShown < settledAt) {
        stage.violate(3, `${recordId} is acknowledged, ${short(id)} is archived with an older text`);
      }
      if (account.removedAt(id) < settledAt && row.removed_at === null) {
        stage.violate(2, `${recordId} is acknowledged, ${short(id)} was removed and is not marked`);
      }
    }
  }

  return ({ message }: Delivery, outcome: CaptureOutcome): void => {
    checkNamed(message, outcome);
    // Pages that shift while they are read can hide a message until the next fetch.
    if (countingCursors || outcome.status === 'gone') return;
    const settledAt = message.thread.occurredAt + settlingMs(coalesce);
    checkShown(message, settledAt);
    checkArchive(message, settledAt);
  };
}

/** The rows of the parts that the thread's record lists. */
function rowsIn(bucket: Bucket, threadId: string): MessageRow[] {
  const parts = readRecord(bucket, threadId)?.parts ?? [];
  return parts.flatMap(({ key }) => [...rowsOf(bucket.objects.get(key ?? '')!.body)]);
}
