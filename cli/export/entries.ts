import { type PlaceTable } from '../../functions/archive/layout.ts';
import { numeral } from '../../local/numeral.ts';
import { type ArchivedRow, type Attachment, type Participant } from './archived-row.ts';
import { type AttachedFile, attachedFileKey } from './attached-files.ts';
import { markup, type Markup, relativeLink, visible } from './markup.ts';
import { sanitise } from './sanitise.ts';
import { placeInSpan, type Span } from './span.ts';
import { type ZoneClock } from './zone-clock.ts';

/** What the entries of a transcript are made with. */
export type EntryContext = {
  clock: ZoneClock;
  span: Span;
  files: ReadonlyMap<string, AttachedFile>;
  /** By message and file id, why the archive lacks an original or a file. */
  gaps: ReadonlyMap<string, string>;
  /** A person, bot or other, with the id. */
  nameOf: (actorId: string) => Promise<Markup>;
  placeOf: (table: PlaceTable, id: string) => Promise<Markup>;
};

/** One string for what a gap of the thread record is about. */
export function gapKeyOf(messageId: string, fileId: string | null | undefined): string {
  return `${messageId} ${fileId ?? ''}`;
}

const KINDS: Readonly<Record<string, string>> = {
  MESSAGE: 'Message',
  COMMENT: 'Internal comment',
  WELCOME_MESSAGE: 'Welcome message',
};

/**
 * One entry of a transcript: a message, a comment, or a line about the thread, numbered.
 * @param earlier what it was before, oldest first
 */
export async function describeEntry(
  context: EntryContext,
  row: ArchivedRow,
  { number, earlier }: { number: number; earlier: readonly ArchivedRow[] },
): Promise<Markup> {
  const { clock, span } = context;
  const line = await systemLine(context, row);
  const isContext = placeInSpan(row.created_at, span) !== 'within';
  const classes = ['entry', line === undefined ? sideOf(row) : 'system', isContext ? 'context' : ''];
  return markup`<article class="${classes.filter((name) => name !== '').join(' ')}" id="entry-${number}">
<header><span class="number">${number}</span> <span class="kind">${kindOf(row, line)}</span> <span class="author">${
    row.created_by == null ? undefined : await context.nameOf(row.created_by)
  }</span> <time datetime="${row.created_at.replace(' ', 'T')}Z">${clock.show(row.created_at)}</time></header>
${line === undefined ? await describeMessage(context, row, earlier) : markup`<p class="mark">${line}</p>`}${marks(row, context, isContext)}<p class="id mono">${row.type ?? 'no type'} ${visible(row.message_id)}</p>
</article>`;
}

function sideOf({ type, direction }: ArchivedRow): string {
  if (type === 'COMMENT') return 'internal';
  return { INCOMING: 'incoming', OUTGOING: 'outgoing' }[direction ?? ''] ?? '';
}

function kindOf({ type, direction }: ArchivedRow, line: Markup | undefined): string {
  if (line !== undefined) return 'Thread';
  const side = { INCOMING: ', incoming', OUTGOING: ', outgoing' }[direction ?? ''] ?? '';
  return `${KINDS[type ?? ''] ?? visible(type ?? 'Entry')}${side}`;
}

/** What happened to the thread; undefined when the row is something that somebody wrote, or of an unknown kind. */
async function systemLine({ nameOf, placeOf }: EntryContext, row: ArchivedRow): Promise<Markup | undefined> {
  const actor = async (id: string | null | undefined) => (id == null ? markup`nobody` : nameOf(id));
  const inbox = async (id: string | null | undefined) => (id == null ? markup`none` : placeOf('inboxes', id));
  switch (row.type ?? '') {
    case 'ASSIGNMENT':
      return markup`Assigned to ${await actor(row.assigned_to)}; before: ${await actor(row.assigned_from)}`;
    case 'THREAD_STATUS_CHANGE':
      return markup`Status of the thread is now ${visible(row.new_status ?? 'unknown')}`;
    case 'THREAD_INBOX_CHANGE':
      return markup`Moved from inbox ${await inbox(row.from_inbox_id)} to inbox ${await inbox(row.to_inbox_id)}`;
    default:
      return undefined;
  }
}

async function describeMessage(
  context: EntryContext,
  row: ArchivedRow,
  earlier: readonly ArchivedRow[],
): Promise<Markup> {
  const { channel_id: channel, subject } = row;
  const parties = [
    await describeParties('From', row.senders, context),
    await describeParties('To', row.recipients, context),
  ];
  return markup`${parties}${
    channel == null
      ? undefined
      : markup`<p class="parties"><b>Channel</b> ${await context.placeOf('channels', channel)}</p>`
  }${subject == null || subject === '' ? undefined : markup`<p class="subject" dir="auto">${visible(subject)}</p>`}${describeContent(row)}${describeFiles(context, row)}${describeEarlier(context, row, earlier)}`;
}

async function describeParties(
  label: string,
  parties: readonly Participant[] | null | undefined,
  { nameOf }: EntryContext,
): Promise<Markup | undefined> {
  const described = (parties ?? []).map(async ({ actor_id, name, field, delivery_value: address }) => {
    const shown = name != null && name !== '' ? markup`<bdi>${visible(name)}</bdi>` : undefined;
    const byId = actor_id == null ? undefined : await nameOf(actor_id);
    const who = shown ?? byId ?? (address == null ? markup`unknown` : undefined);
    const role =
      field == null || field === 'TO' || field === 'FROM' || field === 'ORIGINAL_FROM'
        ? ''
        : ` [${visible(field)}]`;
    const isAlone = who === undefined;
    return markup`${who}${address == null ? '' : isAlone ? visible(address) : ` <${visible(address)}>`}${role}`;
  });
  if (described.length === 0) return undefined;
  const all = await Promise.all(described);
  return markup`<p class="parties"><b>${label}</b> ${all.map((one, i) => (i === 0 ? one : markup`; ${one}`))}</p>`;
}

/** The text of a message; where HubSpot lists it cut, the original that was fetched. */
function describeContent(row: ArchivedRow): Markup {
  return body(
    row.original_rich_text ?? emptyToNull(row.original_text) ?? row.rich_text,
    row.original_rich_text ?? row.original_text ?? row.text,
    row,
  );
}

function body(rich: string | null | undefined, plain: string | null | undefined, row: ArchivedRow): Markup {
  const hasOriginal = row.original_rich_text != null || row.original_text != null;
  const isRich = hasOriginal ? row.original_rich_text != null : emptyToNull(row.rich_text) !== null;
  if (isRich && rich != null) return markup`<div class="body" dir="auto">${sanitise(rich)}</div>`;
  if (plain != null && plain !== '') return markup`<div class="body plain" dir="auto">${plain}</div>`;
  return markup`<p class="mark">No text.</p>`;
}

function emptyToNull(text: string | null | undefined): string | null {
  return text == null || text === '' ? null : text;
}

function describeEarlier(
  { clock }: EntryContext,
  row: ArchivedRow,
  earlier: readonly ArchivedRow[],
): Markup | undefined {
  // HubSpot also sends a message anew for a new delivery status, which is no edit.
  const said = (one: ArchivedRow) => JSON.stringify([one.subject, one.text, one.rich_text]);
  const others = earlier.filter((one) => said(one) !== said(row));
  if (others.length === 0) return undefined;
  return markup`<p class="mark">Edited in HubSpot. The text above was first seen ${clock.show(row.observed_at)}.</p>
${others.map(
  (one) => markup`<div class="earlier">
<p>Earlier text, as seen ${clock.show(one.observed_at)}</p>
${one.subject != null && one.subject !== row.subject ? markup`<p class="subject" dir="auto">${visible(one.subject)}</p>` : undefined}${describeContent(one)}</div>`,
)}`;
}

function describeFiles({ files, gaps }: EntryContext, row: ArchivedRow): Markup | undefined {
  const attachments = row.attachments ?? [];
  if (attachments.length === 0) return undefined;
  const items = attachments.map((attachment, i) => {
    const gap = gaps.get(gapKeyOf(row.message_id, attachment.file_id));
    return markup`<li>${describeFile(attachment, files.get(attachedFileKey(row, i)), gap)}</li>`;
  });
  return markup`<ul class="files">
${items}</ul>`;
}

function describeFile(
  attachment: Attachment,
  file: AttachedFile | undefined,
  gap: string | undefined,
): Markup {
  const named = visible(attachment.name ?? attachment.file_id ?? attachment.type ?? 'unnamed');
  const name = markup`<bdi>${named}</bdi>`;
  if (file?.segments != null) {
    return markup`Attached file: <a href="${relativeLink(file.segments)}" download>${name}</a>, ${numeral(file.bytes)} bytes<br><span class="mono">SHA-256 ${file.sha256}</span>`;
  }
  if (file !== undefined)
    return markup`Attached file: ${name}. <span class="mark grave">Not exported: it ${file.why}.</span>`;
  if (gap !== undefined)
    return markup`Attached file: ${name}. <span class="mark grave">Not in the archive: HubSpot did not give it (${visible(gap)}).</span>`;
  return markup`Attached: ${name}${attachment.type == null ? '' : `, ${visible(attachment.type)}`}. No file is archived for it.`;
}

function marks(row: ArchivedRow, { clock, gaps }: EntryContext, isContext: boolean): Markup {
  const hasOriginal = row.original_text != null || row.original_rich_text != null;
  const isCut = row.truncation_status != null && row.truncation_status !== 'NOT_TRUNCATED';
  const gap = gaps.get(gapKeyOf(row.message_id, null));
  const why = gap === undefined ? '' : ` (${visible(gap)})`;
  return markup`${isContext ? markup`<p class="mark">Outside of the time that was asked for; shown for context.</p>` : undefined}${hasOriginal ? markup`<p class="mark">HubSpot's list shows this message cut. The text above is the full original, as HubSpot gave it.</p>` : undefined}${isCut && !hasOriginal ? markup`<p class="mark grave">HubSpot shows this message cut. The full original is not in the archive${why}.</p>` : undefined}${row.status_type === 'FAILED' || row.status_error != null ? markup`<p class="mark grave">Delivery failed${row.status_error == null ? '' : `: ${visible(row.status_error)}`}</p>` : undefined}${row.removed_at == null ? undefined : markup`<p class="mark grave">Removed: HubSpot no longer returned it on ${clock.show(row.removed_at)}. It is kept here as it was archived.</p>`}${row.archived === true ? markup`<p class="mark">In HubSpot's trash.</p>` : undefined}`;
}
