import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as z from 'zod';

const decompress = promisify(gunzip);

const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const participantSchema = z.looseObject({
  actor_id: text,
  name: text,
  field: text,
  delivery_type: text,
  delivery_value: text,
});
const attachmentSchema = z.looseObject({
  type: text,
  file_id: text,
  name: text,
  url: text,
  archive_key: text,
  sha256: text,
  bytes: z.number().nullish().catch(null),
});

/** A row of a part, for what a transcript says of it. A field of another type than it should have counts as missing. */
const rowSchema = z.looseObject({
  message_id: z.string(),
  created_at: z.string(),
  observed_at: z.string(),
  raw: z.string(),
  type: text,
  updated_at: text,
  created_by: text,
  direction: text,
  channel_id: text,
  subject: text,
  text,
  rich_text: text,
  truncation_status: text,
  original_text: text,
  original_rich_text: text,
  status_type: text,
  status_error: text,
  in_reply_to_id: text,
  archived: flag,
  assigned_to: text,
  assigned_from: text,
  new_status: text,
  from_inbox_id: text,
  to_inbox_id: text,
  senders: z.array(participantSchema).nullish().catch(null),
  recipients: z.array(participantSchema).nullish().catch(null),
  attachments: z.array(attachmentSchema).nullish().catch(null),
  removed_at: text,
});

/** A message as it is archived. */
export type ArchivedRow = z.infer<typeof rowSchema>;
/** A sender or recipient of one. */
export type Participant = z.infer<typeof participantSchema>;
/** A file that is attached to one. */
export type Attachment = z.infer<typeof attachmentSchema>;

/** The row on a line of a part, or undefined when it is none. */
export function parseRow(line: string): ArchivedRow | undefined {
  try {
    return rowSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** The lines of a part, byte for byte; undefined when it is not whole gzip. */
export async function linesOfPart(body: Buffer): Promise<string[] | undefined> {
  try {
    const lines = (await decompress(body)).toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines;
  } catch {
    return undefined;
  }
}

/** Ids of the actors that a row names. */
export function actorsOf(row: ArchivedRow): string[] {
  const { created_by, assigned_to, assigned_from, senders, recipients } = row;
  const participants = [...(senders ?? []), ...(recipients ?? [])].map(({ actor_id }) => actor_id);
  return [created_by, assigned_to, assigned_from, ...participants].filter((id) => id != null);
}
