import type { FetchedMessage } from '../hubspot/conversations.ts';
import { type RowOf } from './columns/column.ts';
import { type MESSAGE_COLUMNS } from './columns/messages.ts';
import { type Fields, readFlag, readId, readObject, readObjects, readText, readTimestamp } from './fields.ts';
import { sqlTimestamp } from './timestamp.ts';

/** One message as it stands in a part. `created_at`, `observed_at`, `message_id` and `raw` are never null. */
export type MessageRow = RowOf<typeof MESSAGE_COLUMNS> & RowCore;
type RowCore = { message_id: string; created_at: string; observed_at: string; raw: string };

/**
 * The row of a message as a fetch saw it.
 * @param observedAt start of that fetch, in the form of {@link sqlTimestamp}
 */
export function messageRow(
  { id, createdAt, fields, raw }: FetchedMessage,
  threadId: string,
  observedAt: string,
): MessageRow {
  const status = readObject(fields, 'status');
  const client = readObject(fields, 'client');
  return {
    thread_id: threadId,
    message_id: id,
    type: readText(fields, 'type'),
    created_at: sqlTimestamp(new Date(createdAt)),
    updated_at: readTimestamp(fields, 'updatedAt'),
    created_by: readId(fields, 'createdBy'),
    direction: readText(fields, 'direction'),
    channel_id: readId(fields, 'channelId'),
    channel_account_id: readId(fields, 'channelAccountId'),
    subject: readText(fields, 'subject'),
    text: readText(fields, 'text'),
    rich_text: readText(fields, 'richText'),
    truncation_status: readText(fields, 'truncationStatus'),
    original_text: null,
    original_rich_text: null,
    status_type: readText(status, 'statusType'),
    status_error: readText(readObject(status, 'failureDetails'), 'errorMessage'),
    in_reply_to_id: readId(fields, 'inReplyToId'),
    client_type: readText(client, 'clientType'),
    integration_app_id: readId(client, 'integrationAppId'),
    archived: readFlag(fields, 'archived'),
    assigned_to: readId(fields, 'assignedTo'),
    assigned_from: readId(fields, 'assignedFrom'),
    new_status: readText(fields, 'newStatus'),
    from_inbox_id: readId(fields, 'fromInboxId'),
    to_inbox_id: readId(fields, 'toInboxId'),
    senders: readObjects(fields, 'senders').map((sender) => participant(sender, 'senderField')),
    recipients: readObjects(fields, 'recipients').map((recipient) =>
      participant(recipient, 'recipientField'),
    ),
    attachments: readObjects(fields, 'attachments').map(attachment),
    observed_at: observedAt,
    removed_at: null,
    raw,
  };
}

/** Ids of the actors that a row names. */
export function actorsOf(row: MessageRow): (string | null)[] {
  const { created_by, assigned_to, assigned_from, senders, recipients } = row;
  return [
    created_by,
    assigned_to,
    assigned_from,
    ...[...senders, ...recipients].map(({ actor_id }) => actor_id),
  ];
}

function participant(actor: Fields, fieldName: string): MessageRow['senders'][number] {
  // Singular since 2022; the plural came before and is still met.
  const [older = {}] = readObjects(actor, 'deliveryIdentifiers');
  const address = actor['deliveryIdentifier'] === undefined ? older : readObject(actor, 'deliveryIdentifier');
  return {
    actor_id: readId(actor, 'actorId'),
    name: readText(actor, 'name'),
    field: readText(actor, fieldName),
    delivery_type: readText(address, 'type'),
    delivery_value: readText(address, 'value'),
  };
}

function attachment(file: Fields): MessageRow['attachments'][number] {
  return {
    type: readText(file, 'type'),
    file_id: readId(file, 'fileId'),
    name: readText(file, 'name'),
    url: readText(file, 'url'),
    usage: readText(file, 'fileUsageType'),
    archive_key: null,
    sha256: null,
    bytes: null,
  };
}
