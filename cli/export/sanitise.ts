import sanitizeHtml, { type Attributes, type IOptions, type Tag } from 'sanitize-html';
import { Markup, visible, withoutControls } from './markup.ts';

// What text is made of. No tag that loads, runs, embeds, asks for input or leaves the page.
const TAGS = [
  ...['p', 'div', 'span', 'br', 'hr', 'pre', 'code', 'blockquote', 'center'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd'],
  ...['b', 'strong', 'i', 'em', 'u', 's', 'strike', 'del', 'ins', 'sub', 'sup', 'small', 'q', 'cite', 'mark'],
  ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th'],
];

const WORDS = { align: ['left', 'right', 'center', 'justify'], dir: ['ltr', 'rtl', 'auto'] };

const OPTIONS: IOptions = {
  allowedTags: TAGS,
  allowedAttributes: {
    '*': ['align', 'dir'],
    span: ['class', 'data-href'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan'],
    ol: ['start'],
  },
  // Each tag has its own: one for all of them would also be applied to what these make of a link or an image.
  transformTags: {
    ...Object.fromEntries(
      TAGS.map((tag) => [tag, (tagName, attribs) => ({ tagName, attribs: keptOf(tagName, attribs) })]),
    ),
    a: (_, { href }) => linkOf(href),
    img: (_, { alt, src }) => imageNote(alt, src),
    image: (_, { alt, src, href }) => imageNote(alt, src ?? href),
  } satisfies IOptions['transformTags'],
  // Text of these is never seen by a reader of the message. What stands in any other tag is shown, hidden or not.
  nonTextTags: ['script', 'style', 'title', 'noscript', 'xmp'],
  parseStyleAttributes: false,
};

const MAX_URL_LENGTH = 500;

/**
 * HTML of a message, as much of it as can be shown without trust: its text and its structure. Nothing is loaded, nothing runs,
 * no style and no colour hides a text. A link is its text with its address behind it, not to be clicked; an image is a note
 * that says what was there. The result is balanced, so it stays inside of the element around it.
 */
export function sanitise(untrusted: string): Markup {
  const clean = sanitizeHtml(withoutControls(untrusted), OPTIONS);
  // An address that is its own text need not be said twice.
  return new Markup(
    clean.replaceAll(/<span class="link" data-href="([^"]*)">\1<\/span>/g, '<span>$1</span>'),
  );
}

function linkOf(href: string | undefined): Tag {
  if (href === undefined) return { tagName: 'span', attribs: {} };
  return { tagName: 'span', attribs: { class: 'link', 'data-href': shorten(href) } };
}

function imageNote(...details: (string | undefined)[]): Tag {
  const said = details.map((detail) => shorten(detail?.trim() ?? '')).filter((detail) => detail !== '');
  return {
    tagName: 'span',
    attribs: { class: 'left-out' },
    text: `[${['image not shown', ...said].join(': ')}]`,
  };
}

// What a data: URL holds is no use to a reader.
function shorten(url: string): string {
  const shown = /^\s*data:/i.test(url) ? `${url.trim().slice(0, 40)}…` : url;
  return visible(shown.length > MAX_URL_LENGTH ? `${shown.slice(0, MAX_URL_LENGTH)}…` : shown);
}

function keptOf(tagName: string, attribs: Attributes): Attributes {
  const kept: Attributes = {};
  for (const [name, words] of Object.entries(WORDS)) {
    const word = attribs[name]?.toLowerCase();
    if (word !== undefined && words.includes(word)) kept[name] = word;
  }
  for (const name of ['colspan', 'rowspan', 'start']) {
    const value = attribs[name];
    if (value !== undefined && /^\d{1,3}$/.test(value)) kept[name] = value;
  }
  const strike =
    tagName === 'span' &&
    /(?:^|;)\s*text-decoration[\w-]*\s*:[^;]*line-through/i.test(attribs['style'] ?? '');
  return strike ? { ...kept, class: 'struck' } : kept;
}
