import { CHANNEL_IDS, type ChannelId } from './account.ts';
import { type JsonObject } from './json-text.ts';
import { type Random } from './random.ts';

/** The text members of a MESSAGE, and the whole content where the message shows only a part of it. */
export type MessageBody = {
  text: string;
  richText: string | undefined;
  truncationStatus: 'NOT_TRUNCATED' | 'TRUNCATED_TO_MOST_RECENT_REPLY' | 'TRUNCATED';
  /** What `original-content` gives; some of it has only `richText`. */
  original: JsonObject | undefined;
};

/** What a body is made from; `quoted` is the text of the message before. */
export type BodyFacts = { channelId: ChannelId; text: string; signature: string; quoted: string | undefined };

// Texts that have broken archives: joined emoji, right-to-left with embedded marks, line separators that JavaScript
// once refused in strings, quotes and backslashes, markup, combining accents, tabs and CRLF, a formula, one long word.
const AWKWARD_TEXTS = [
  '👩‍👩‍👧‍👦🏳️‍🌈 ok',
  'שלום \u200fעולם\u200e (مرحبا)',
  'first line\u2028second line\u2029third line',
  'C:\\temp\\"new"\\n',
  '</script><b>&amp; not bold</b>',
  'cafe\u0301 = café',
  'tab\there\r\nnext, and \u00a0nbsp',
  '=HYPERLINK("https://example.com")',
  'ʷⁱᵈᵉ 全角 ｆｕｌｌ',
  'x'.repeat(600),
];

// 46 of 265 messages of a real account were cut, one of them from 1,670 characters to 174.
const TRUNCATED_SHARE = 0.17;
const CUT_AT_CHARACTERS = 174;

/** The body of a message, in the shape its channel gives it: plain in chats, marked up and quoted in e-mails. */
export function writeBody(
  random: Random,
  { channelId, text: line, signature, quoted }: BodyFacts,
): MessageBody {
  const text = random.chance(0.06) ? `${line} ${random.pick(AWKWARD_TEXTS)}` : line;
  if (channelId !== CHANNEL_IDS.email) return writeChatBody(random, text);
  const signed = `${text}\n\n-- \n${signature}`;
  const whole = quoted === undefined ? signed : `${signed}\n\nOn an earlier day somebody wrote:\n> ${quoted}`;
  if (!random.chance(TRUNCATED_SHARE)) return body(whole);
  return random.chance(0.5) ? cutTail(random, { shown: text, whole }) : cutAnywhere(random, whole);
}

function writeChatBody(random: Random, text: string): MessageBody {
  const draw = random.next();
  if (draw < 0.04) return { ...body(text), text: '' };
  return draw < 0.5 ? body(text) : { ...body(text), richText: undefined };
}

function cutTail(random: Random, { shown, whole }: { shown: string; whole: string }): MessageBody {
  return {
    ...body(shown),
    truncationStatus: 'TRUNCATED_TO_MOST_RECENT_REPLY',
    original: originalOf(random, whole),
  };
}

function cutAnywhere(random: Random, text: string): MessageBody {
  const whole = `${text}\n\n${'This message and its attachments are meant for the addressee alone. '.repeat(12)}`;
  // By characters, not by UTF-16 units: half an emoji is no text.
  const shown = Array.from(whole).slice(0, CUT_AT_CHARACTERS).join('');
  return { ...body(shown), truncationStatus: 'TRUNCATED', original: originalOf(random, whole) };
}

function originalOf(random: Random, whole: string): JsonObject {
  const { text, richText } = body(whole);
  return random.chance(0.25) ? { richText } : { text, richText };
}

function body(text: string): MessageBody {
  return { text, richText: markUp(text), truncationStatus: 'NOT_TRUNCATED', original: undefined };
}

/** A text as the HTML that HubSpot's editor makes of it. */
export function markUp(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<div dir="auto">${escaped.replaceAll('\n', '<br>')}</div>`;
}
