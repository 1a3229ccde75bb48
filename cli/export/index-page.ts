import { threadIdText } from '../../functions/thread-id.ts';
import { numeral } from '../../local/numeral.ts';
import { type ThreadSummary } from './export-thread.ts';
import { markup, Markup, relativeLink, visible } from './markup.ts';
import { beginPage, counted, END_OF_PAGE, facts } from './page.ts';
import { type ExportRequest } from './request.ts';
import { type ZoneClock } from './zone-clock.ts';

/** What the index says of an export as a whole. */
export type IndexFacts = {
  request: ExportRequest;
  threads: readonly ThreadSummary[];
  problems: number;
  clock: ZoneClock;
};

/** The page that lists what was exported. The same archive and request give the same page: it has no time of its own. */
export function describeIndex({ request, threads, problems, clock }: IndexFacts): string {
  const total = threads.reduce((sum, thread) => sum + thread.exported.messages, 0);
  const title = request.case === null ? 'Exported conversations' : `Case ${visible(request.case)}`;
  const count = `${counted(threads.length, 'thread')}, ${numeral(total)} entries`;
  const head = beginPage({ title, head: count, foot: 'Threadvault export' });
  return markup`${head}<h1>${title}</h1>
<p class="lead">Archived HubSpot conversations, exported by Threadvault</p>
${facts([
  ['Contents', count],
  ['Threads', request.threads === null ? undefined : `those named: ${request.threads.join(', ')}`],
  ['Contact', request.contact ?? undefined],
  ['Days', daysOf(request)],
  ['Reason', request.reason === null ? undefined : visible(request.reason)],
  ['Asked for by', request.requested_by === null ? undefined : visible(request.requested_by)],
  ['Times', clock.zone === 'UTC' ? 'UTC' : `UTC, and ${clock.zone} in brackets`],
  [
    'Archive',
    'folder' in request.archive
      ? `folder ${visible(request.archive.folder)}`
      : `stack ${request.archive.stack}`,
  ],
])}${
    problems === 0
      ? undefined
      : markup`<div class="notice grave"><p>${counted(problems, 'problem')}: not everything could be exported as it is archived. <a href="manifest.json">manifest.json</a> names each.</p></div>`
  }<h2>Threads</h2>
<table class="list"><thead><tr><th>Thread</th><th>First and last entry</th><th>Participants</th><th class="number">Entries</th></tr></thead><tbody>
${threads.map((thread) => describeThread(thread, clock))}</tbody></table>
<h2>How to check it</h2>
<p><a href="manifest.json">manifest.json</a> names every file of this export with its SHA-256, and the object of the archive that it comes from.
<a href="request.json">request.json</a> says what was asked for and when, and has the SHA-256 of the manifest.</p>
${new Markup(END_OF_PAGE)}`.text;
}

function daysOf({ since, until, zone, whole_threads }: ExportRequest): string | undefined {
  if (since === null && until === null) return undefined;
  const days = `${since ?? 'the first'} to ${until ?? 'the last'}, both included (${zone})`;
  return whole_threads ? `${days}; entries outside of them are shown for context` : days;
}

function describeThread(
  { id, folder, exported, people, transcript, state }: ThreadSummary,
  clock: ZoneClock,
): Markup {
  const { first_at: first, last_at: last, messages } = exported;
  const name = threadIdText(id);
  const title = transcript
    ? markup`<a href="${relativeLink([...folder, 'transcript.html'])}">${name}</a>`
    : name;
  const times =
    first === null || last === null ? 'none' : markup`${clock.show(first)}<br>${clock.show(last)}`;
  const who = people.map((person, i) => markup`${i === 0 ? '' : ', '}${person}`);
  return markup`<tr><td class="whole">${title}${state === undefined ? undefined : markup`<br><span class="mark grave">${state}</span>`}</td><td class="whole">${times}</td><td>${who}</td><td class="number">${numeral(messages)}</td></tr>
`;
}
