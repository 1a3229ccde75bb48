import MailComposer from 'nodemailer/lib/mail-composer';
import { anySegment } from '../../functions/archive/attachment-key.ts';
import { timestampMs } from '../../functions/archive/timestamp.ts';
import { sha256Hex } from '../../functions/sha256.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { type ArchivedRow, type Participant } from './archived-row.ts';
import { type AttachedFile, attachedFileKey } from './attached-files.ts';

const WRITTEN_TYPES: readonly (string | null | undefined)[] = ['MESSAGE', 'WELCOME_MESSAGE', 'COMMENT'];
// A name that never resolves (RFC 6761), for ids that are no addresses.
const NOWHERE = 'hubspot.invalid';
const ADDRESS = /^[^\s<>,;:"@]+@[^\s<>,;:"@]+$/;

/** Whether a row is something that somebody wrote, and so becomes an e-mail file. */
export function isMail({ type }: ArchivedRow): boolean {
  return WRITTEN_TYPES.includes(type);
}

/** The name of a message's file: in the order of the thread, e.g. `000012-9b38dc6d5b57.eml`. */
export function mailFileName(number: number, { message_id }: ArchivedRow): string {
  return `${String(number).padStart(6, '0')}-${anySegment(message_id)}.eml`;
}

/**
 * A message as an e-mail file (RFC 5322), as a stream: its text and HTML as they are archived, the original where HubSpot's
 * list is cut, and its attached files. What has no e-mail address has one at `hubspot.invalid`, made of its id. The same
 * message gives the same bytes. The HTML is not changed, so a mail program may load what it names.
 */
export function composeMail(
  { portalId, threadId }: ThreadId,
  row: ArchivedRow,
  files: ReadonlyMap<string, AttachedFile>,
): AsyncIterable<Buffer> {
  const messageId = (id: string) => `<${anySegment(id)}.${portalId}@${NOWHERE}>`;
  const recipients = (field: string) =>
    (row.recipients ?? []).filter((one) => (one.field ?? 'TO') === field).map(addressOf);
  const html = row.original_rich_text ?? (row.original_text == null ? row.rich_text : null);
  const attachments = (row.attachments ?? []).flatMap((attachment, i) => {
    const file = files.get(attachedFileKey(row, i));
    if (file?.segments == null) return [];
    return [{ filename: attachment.name ?? file.segments.at(-1) ?? 'file', path: file.file }];
  });
  const composer = new MailComposer({
    from: (row.senders ?? []).map(addressOf).slice(0, 1)[0] ?? addressOf({ actor_id: row.created_by }),
    to: recipients('TO'),
    cc: recipients('CC'),
    bcc: recipients('BCC'),
    subject: `${row.type === 'COMMENT' ? '[Internal comment] ' : ''}${row.subject ?? ''}`,
    date: new Date(timestampMs(row.created_at)),
    messageId: messageId(row.message_id),
    references: [`<thread-${anySegment(threadId)}.${portalId}@${NOWHERE}>`],
    ...(row.in_reply_to_id != null && { inReplyTo: messageId(row.in_reply_to_id) }),
    text: row.original_text ?? row.text ?? '',
    ...(html != null && html !== '' && { html }),
    attachments,
    headers: headersOf(threadId, row),
    baseBoundary: sha256Hex(`${portalId}/${threadId}/${row.message_id}`).slice(0, 32),
    newline: '\r\n',
    disableUrlAccess: true,
  });
  const mail = composer.compile();
  // Part of what is archived; a mailer would leave it out, so that recipients do not see it.
  mail.keepBcc = true;
  return mail.createReadStream();
}

function headersOf(threadId: string, row: ArchivedRow): Record<string, string> {
  return {
    'X-HubSpot-Thread-Id': threadId,
    'X-HubSpot-Message-Id': row.message_id,
    'X-HubSpot-Message-Type': row.type ?? '',
    ...(row.direction != null && { 'X-HubSpot-Direction': row.direction }),
    ...(row.status_error != null && { 'X-HubSpot-Delivery-Error': row.status_error }),
    ...(row.removed_at != null && { 'X-Threadvault-Removed-At': `${row.removed_at} UTC` }),
  };
}

function addressOf({ name, actor_id, delivery_value }: Partial<Participant>): {
  name: string;
  address: string;
} {
  const isAddress = typeof delivery_value === 'string' && ADDRESS.test(delivery_value);
  const shown = typeof name === 'string' ? name : '';
  if (isAddress) return { name: shown, address: delivery_value };
  const id = typeof actor_id === 'string' ? actor_id : 'unknown';
  return { name: shown === '' ? id : shown, address: `${anySegment(id)}@${NOWHERE}` };
}
