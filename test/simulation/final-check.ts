import { hash } from 'node:crypto';
import { partKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { type MessageRow } from '../../functions/archive/row.ts';
import { type ThreadRecord } from '../../functions/archive/thread-record.ts';
import { threadIdAt } from '../../local/simulated-hubspot/thread-profile.ts';
import { type Bucket } from './bucket.ts';
import { checkContents } from './contents-check.ts';
import { type HubSpot } from './hubspot.ts';
import { MAX_RECEIVE_COUNT, type Queue, short } from './queue.ts';
import { type Stage } from './stage.ts';
import { recordOf, rowsOf } from './stored.ts';

const PORTAL_ID = '62515';

/** What is compared in the end, when everything has come to rest. */
export type Outcome = { stage: Stage; hubspot: HubSpot; bucket: Bucket; queue: Queue };

/**
 * Whether every record says that it is complete, after one more event. A record may be left unfinished with nobody to go
 * on, when SQS delivers an entry twice, one of the two workers is done with it, and the other one comes late, runs out of
 * time, and cannot queue the thread anew.
 */
export function checkComplete({ stage, hubspot, bucket }: Outcome): void {
  for (const threadId of hubspot.account.threadIds()) {
    const record = readRecord(bucket, threadId);
    if (record?.complete === false) stage.violate(5, `the record of thread ${threadId} stays incomplete`);
  }
}

/** Compares the archive with what HubSpot holds, and the queue with what it should have become. */
export function checkOutcome(outcome: Outcome): void {
  const { stage, hubspot, queue } = outcome;
  const { poison } = stage.plan.settings;
  for (const threadId of hubspot.account.threadIds()) {
    if (poison !== undefined && threadId === threadIdAt(poison)) checkPoison(outcome, threadId);
    else checkThread(outcome, threadId);
  }
  const isHubSpotsTroubleAlone =
    !stage.counts.has('crash out of time') &&
    [...stage.choices.made.values()].every(({ fault, crash }) => fault === undefined && crash === undefined);
  const healthy = queue.dead.filter(
    ({ thread }) => poison === undefined || thread.threadId !== threadIdAt(poison),
  );
  if (isHubSpotsTroubleAlone && healthy.length > 0) {
    stage.violate(7, `${healthy.length} healthy records are dead letters because HubSpot was in trouble`);
  }
  if (queue.waiting.size > 0) stage.violate(5, `${queue.waiting.size} records are neither done nor dead`);
}

function checkThread({ stage, hubspot, bucket, queue }: Outcome, threadId: string): void {
  const record = readRecord(bucket, threadId);
  if (record === undefined) {
    stage.violate(1, `thread ${threadId} has no record`);
    return;
  }
  const parts = record.parts.map((part) => ({ part, object: bucket.objects.get(part.key ?? '') }));
  for (const { part, object } of parts) {
    const sha256 = object && hash('sha256', object.body, 'hex');
    const isTrue =
      object !== undefined &&
      part.sha256 === sha256 &&
      part.bytes === object.body.length &&
      part.version_id === object.versionId &&
      part.messages === rowsOf(object.body).length;
    if (!isTrue) stage.violate(5, `the record of thread ${threadId} is wrong about ${part.key ?? 'a part'}`);
  }
  const keys = [...bucket.objects.keys()].filter((key) => key.endsWith(`/${threadId}.json.gz`));
  if (keys.length !== parts.length) {
    stage.violate(5, `thread ${threadId} has ${keys.length} parts, its record lists ${parts.length}`);
  }
  const rows = keys.flatMap((key) => rowsOf(bucket.objects.get(key)!.body).map((row) => ({ key, row })));
  if (record.message_count !== rows.length) stage.violate(5, `the record of thread ${threadId} miscounts`);
  checkMessages({ stage, hubspot }, threadId, rows);
  checkRecord({ stage, hubspot }, threadId, { record, rows });
  checkContents({ stage, hubspot, bucket }, threadId, { record, rows: rows.map(({ row }) => row) });
  const archived = new Set(rows.map(({ row }) => row.message_id));
  // What was replaced is answered for by what took its place, and what is dead by the operator.
  const announced = queue.accepted.filter(
    (each) => each.thread.threadId === threadId && !each.isReplaced && !queue.dead.includes(each),
  );
  for (const id of new Set(announced.flatMap(({ thread }) => thread.messageIds))) {
    const isNoted = record.unseen_message_ids.includes(id);
    if (!archived.has(id) && !isNoted)
      stage.violate(1, `${short(id)} was announced, is neither archived nor noted`);
  }
}

type PlacedRow = { key: string; row: MessageRow };

function checkMessages(
  { stage, hubspot }: Pick<Outcome, 'stage' | 'hubspot'>,
  threadId: string,
  rows: PlacedRow[],
) {
  const byId = new Map(rows.map((placed) => [placed.row.message_id, placed]));
  for (const { messageId, createdAt, json } of hubspot.account.messagesOf(threadId)) {
    const placed = byId.get(messageId);
    byId.delete(messageId);
    const dt = new Date(createdAt).toISOString().slice(0, 10);
    if (placed === undefined) stage.violate(1, `${short(messageId)} is not archived`);
    else if (placed.row.raw !== json)
      stage.violate(3, `${short(messageId)} is not archived as HubSpot shows it`);
    else if (placed.row.removed_at !== null)
      stage.violate(2, `${short(messageId)} is marked removed and is not`);
    else if (placed.key !== partKey({ portalId: PORTAL_ID, threadId, dt })) {
      stage.violate(1, `${short(messageId)} is in the wrong part`);
    }
  }
  for (const { row } of byId.values()) {
    if (row.removed_at === null) stage.violate(2, `${short(row.message_id)} is removed and not marked so`);
  }
}

function checkRecord(
  { stage, hubspot }: Pick<Outcome, 'stage' | 'hubspot'>,
  threadId: string,
  { record, rows }: { record: ThreadRecord; rows: PlacedRow[] },
): void {
  const path = `/conversations/v3/conversations/threads/${threadId}?association=TICKET`;
  const live = hubspot.ask(path);
  const isTrashed = live.status === 404;
  const shown = isTrashed ? hubspot.ask(`${path}&archived=true`) : live;
  if (record.raw !== String(shown.body))
    stage.violate(3, `the record of thread ${threadId} is not as HubSpot shows it`);
  if ((record.deleted_at !== null) !== isTrashed) {
    stage.violate(3, `the record of thread ${threadId} is wrong about the trash`);
  }
  const archived = new Set(rows.map(({ row }) => row.message_id));
  for (const id of record.unseen_message_ids) {
    if (archived.has(id)) stage.violate(5, `${short(id)} is noted as unseen and is archived`);
  }
}

function checkPoison({ stage, bucket, queue }: Outcome, threadId: string): void {
  const records = queue.accepted.filter(
    ({ thread, isReplaced }) => thread.threadId === threadId && !isReplaced,
  );
  for (const record of records) {
    const isDead = queue.dead.includes(record) && record.receiveCount === MAX_RECEIVE_COUNT;
    if (!isDead) stage.violate(6, `${record.id} of the poison thread is no dead letter`);
  }
  if (readRecord(bucket, threadId) !== undefined) stage.violate(6, 'the poison thread has a record');
}

export function readRecord(bucket: Bucket, threadId: string): ThreadRecord | undefined {
  const object = bucket.objects.get(threadRecordKey({ portalId: PORTAL_ID, threadId }));
  return object && recordOf(object.body);
}
