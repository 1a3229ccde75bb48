import { threadIdText, type ThreadId } from '../../functions/thread-id.ts';
import { type ArchivedRow, parseRow } from './archived-row.ts';
import { describeEntry, type EntryContext } from './entries.ts';
import { markup, type Markup, visible } from './markup.ts';
import { beginPage, counted, END_OF_PAGE, facts } from './page.ts';
import { describePeople, type Person } from './people.ts';
import { linesOf } from './source.ts';
import { type Outside, type Tally } from './span.ts';
import { type ThreadView } from './thread-view.ts';

/** What a transcript is made from. */
export type TranscriptFacts = {
  id: ThreadId;
  view: ThreadView;
  caseName: string | undefined;
  exported: Tally;
  outside: Outside;
  wholeThreads: boolean;
  lostDays: readonly string[];
  /** What could not be exported of the thread, in words. */
  problems: readonly string[];
  /** In the order of their first entry. */
  people: readonly Person[];
  keepsVersions: boolean;
  rowsFile: string;
  rowsSha256: string;
  /** The rows of earlier versions, in the order of the rows. */
  earlierFile: string | undefined;
};

/** A thread to be read and printed, as the pieces of an HTML page. One message is in memory at a time. */
export async function* writeTranscript(
  context: EntryContext,
  thread: TranscriptFacts,
): AsyncGenerator<string> {
  const name = `Thread ${threadIdText(thread.id)}`;
  const count = counted(thread.exported.messages, 'entry', 'entries');
  const page = {
    title: name,
    head: `${name} · ${count}`,
    foot: `SHA-256 of its rows: ${thread.rowsSha256}`,
  };
  yield beginPage(page).text;
  yield (await describeHead(context, thread, { name, count })).text;
  yield* writeEntries(context, thread);
  yield markup`<p class="end">End of ${name.toLowerCase()}, ${count}. SHA-256 of its rows (messages.ndjson): <span class="mono">${thread.rowsSha256}</span></p>`
    .text;
  yield END_OF_PAGE;
}

async function* writeEntries(
  context: EntryContext,
  { rowsFile, earlierFile }: TranscriptFacts,
): AsyncGenerator<string> {
  const earlier = createEarlierReader(earlierFile);
  let number = 0;
  let day = '';
  for await (const line of linesOf(rowsFile)) {
    number++;
    const row = parseRow(line);
    if (row === undefined) {
      yield markup`<p class="notice grave">${number}: a line of the archive that is not a message. It is among the rows, as it is.</p>`
        .text;
      continue;
    }
    const today = context.clock.dayOf(row.created_at);
    if (today !== day) yield markup`<h3 class="day">${today}</h3>`.text;
    day = today;
    yield `${(await describeEntry(context, row, { number, earlier: await earlier(row.message_id) })).text}\n`;
  }
}

/** Gives the earlier rows of one message after the other, in the order of the file, which is that of the messages. */
function createEarlierReader(file: string | undefined): (messageId: string) => Promise<ArchivedRow[]> {
  const lines = file === undefined ? undefined : linesOf(file);
  let next: ArchivedRow | undefined;
  let isBegun = false;

  async function advance(): Promise<void> {
    const line = await lines?.next();
    next = line === undefined || line.done === true ? undefined : parseRow(line.value);
  }

  return async (messageId) => {
    if (!isBegun) await advance();
    isBegun = true;
    const rows: ArchivedRow[] = [];
    while (next?.message_id === messageId) {
      rows.push(next);
      await advance();
    }
    return rows;
  };
}

async function describeHead(
  context: EntryContext,
  thread: TranscriptFacts,
  { name, count }: { name: string; count: string },
): Promise<Markup> {
  const { clock, nameOf, placeOf } = context;
  const { view, exported, id } = thread;
  const time = (timestamp: string | null | undefined) =>
    timestamp == null ? undefined : clock.show(timestamp);
  return markup`<h1>${name}</h1>
<p class="lead">Transcript of an archived HubSpot conversation${thread.caseName === undefined ? '' : `, case ${visible(thread.caseName)}`}</p>
${facts([
  ['Account, thread', `${id.portalId}, ${id.threadId}`],
  ['Entries shown', count],
  [
    'First and last',
    exported.first_at === null
      ? undefined
      : `${time(exported.first_at) ?? ''} to ${time(exported.last_at) ?? ''}`,
  ],
  [
    'Times',
    clock.zone === 'UTC' ? 'UTC' : `UTC, and ${clock.zone} in brackets; days are those of ${clock.zone}`,
  ],
  ['Status', view.status == null ? undefined : visible(view.status)],
  ['Opened', time(view.created_at)],
  ['Closed', time(view.closed_at)],
  ['Assigned to', view.assigned_to == null ? undefined : await nameOf(view.assigned_to)],
  ['Inbox', view.inbox_id == null ? undefined : await placeOf('inboxes', view.inbox_id)],
  [
    'Began on',
    view.original_channel_id == null ? undefined : await placeOf('channels', view.original_channel_id),
  ],
  ['Contact', view.associated_contact_id == null ? undefined : visible(view.associated_contact_id)],
  ['Ticket', view.associated_ticket_id == null ? undefined : visible(view.associated_ticket_id)],
  ['Archive as of', time(view.fetch_started_at)],
  ['SHA-256 of the rows', markup`<span class="mono">${thread.rowsSha256}</span>`],
])}${notices(context, thread)}${describePeople(thread.people)}${exported.messages === 0 ? undefined : markup`<h2>Conversation</h2>`}`;
}

/** What a reader must know of what is not, or not any more, in the transcript. */
function notices({ clock }: EntryContext, thread: TranscriptFacts): Markup {
  const { view, outside, wholeThreads, lostDays, problems, keepsVersions } = thread;
  const time = (timestamp: string | null | undefined) =>
    timestamp == null ? 'an unknown time' : clock.show(timestamp);
  const said: (readonly [boolean, string])[] = [];
  const say = (isGrave: boolean, text: string) => said.push([isGrave, text]);

  if (view.erased_at != null)
    say(
      true,
      `The content of this thread was erased on ${time(view.erased_at)}, as asked for on ${time(view.erasure_requested_at)} by ${view.erasure_event ?? 'an unknown event'} (${view.erasure_outcome ?? 'no outcome'}). The archive has nothing of it.`,
    );
  if (view.erasure_outcome === 'held')
    say(
      true,
      `On ${time(view.erasure_requested_at)} it was asked to erase this thread. It is held: nothing was erased.`,
    );
  for (const [side, tally] of [
    ['before', outside.before],
    ['after', outside.after],
  ] as const) {
    if (tally.messages === 0) continue;
    const verb = wholeThreads ? 'shown for context' : 'left out';
    say(
      false,
      `${counted(tally.messages, 'entry', 'entries')} ${side} the time that was asked for ${tally.messages === 1 ? 'is' : 'are'} ${verb}: ${time(tally.first_at)} to ${time(tally.last_at)}.`,
    );
  }
  for (const day of lostDays)
    say(true, `The messages of ${day} (UTC) could not be read from the archive. They are missing here.`);
  for (const problem of problems) say(true, `Not as it is archived: ${problem}.`);
  if (view.complete === false)
    say(
      true,
      'The archive is still being brought up to date for this thread: newer messages may be missing.',
    );
  const unseen = view.unseen_message_ids ?? [];
  if (unseen.length > 0)
    say(
      true,
      `HubSpot announced ${counted(unseen.length, 'message')} that it did not show: ${unseen.map(visible).join(', ')}.`,
    );
  if (view.deleted_at != null && view.erased_at == null)
    say(false, `HubSpot had the thread in the trash, or no longer had it, on ${time(view.deleted_at)}.`);
  if (!keepsVersions && thread.exported.messages > 0)
    say(
      false,
      'This archive is a folder, which keeps no older versions: of an edited message it has the newest text only.',
    );
  return markup`${said.map(([isGrave, text]) => markup`<div class="notice${isGrave ? ' grave' : ''}"><p>${text}</p></div>`)}`;
}
