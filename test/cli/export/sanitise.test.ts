import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import { markup } from '../../../cli/export/markup.ts';
import { sanitise } from '../../../cli/export/sanitise.ts';
import { archive, command, ID, row } from './archive.ts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportCase } from '../../../cli/export/export-case.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">click</a>',
  '<a href=" \u0001java\u0000script:alert(1)">click</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD4=">click</a>',
  '<p style="background:url(https://example.com/x)">text</p>',
  '<style>@import url(https://example.com/x.css);</style>',
  '<link rel=stylesheet href="https://example.com/x.css">',
  '<svg onload=alert(1)><script>alert(1)</script><use href="https://example.com/#x"/></svg>',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<meta http-equiv="refresh" content="0;url=https://example.com">',
  '<base href="https://example.com/">',
  '<iframe src="https://example.com" srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="https://example.com/x.swf"></object><embed src="https://example.com/x.swf">',
  '<video src="https://example.com/x" poster="https://example.com/y" autoplay></video>',
  '<table background="https://example.com/x"><td background="https://example.com/y">cell</td></table>',
  '<form action="https://example.com"><input autofocus onfocus=alert(1)><button>go</button></form>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<textarea></textarea/><script>alert(1)</script>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '</div></article></body></html><script>alert(1)</script>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<span class="entry system" id="entry-1" data-href="https://example.com">fake</span>',
  '<div\u000Bonclick=alert(1)>x</div><p/onmouseover=alert(1)>y',
  '\uFF1Cscript\uFF1Ealert(1)\uFF1C/script\uFF1E',
  '<img srcset="https://example.com/x 1x"><picture><source srcset="https://example.com/y"></picture>',
];

type Element = DefaultTreeAdapterTypes.Element;

/** Every element that a browser makes of a page. */
function elementsOf(page: string): Element[] {
  const found: Element[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) found.push(node);
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parse(page));
  return found;
}

const TAGS_OF_A_PAGE = new Set(
  (
    'html head body meta title style h1 h2 h3 h4 h5 h6 p div span article header time ul ol li a b strong i em u s strike del ins sub sup small q cite mark ' +
    'bdi br hr pre code blockquote center dl dt dd table caption thead tbody tfoot tr td th'
  ).split(' '),
);

/** What of a page could run, load, or take a reader elsewhere. */
function dangersOf(page: string): string[] {
  return elementsOf(page).flatMap(({ tagName, attrs }) => [
    ...(TAGS_OF_A_PAGE.has(tagName) ? [] : [tagName]),
    ...attrs
      .filter(
        ({ name, value }) =>
          /^on|^style$|src|background|action|poster|^data$/.test(name) ||
          (name === 'href' && !/^(?:threads|attachments)\/|^(?:manifest|request)\.json$/.test(value)),
      )
      .map(({ name, value }) => `${tagName} ${name}=${value}`),
  ]);
}

describe('hostile HTML', () => {
  it.each(HOSTILE)('has nothing left that runs or loads: %s', (hostile) => {
    expect(dangersOf(`<div>${sanitise(hostile).text}</div>`)).toEqual([]);
  });

  it.each(HOSTILE)('stays within its element: %s', (hostile) => {
    const page = `<main><div id="body">${sanitise(hostile).text}</div><p id="after">after</p></main>`;

    const after = elementsOf(page).find(({ attrs }) => attrs.some(({ value }) => value === 'after'));

    expect(after?.parentNode).toMatchObject({ tagName: 'main' });
    expect(
      elementsOf(page).filter(({ attrs }) => attrs.some(({ value }) => value.startsWith('entry'))),
    ).toEqual([]);
  });

  it('stays harmless in any mixture', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(...HOSTILE),
            fc.string(),
            fc.constantFrom('<', '</', '"', "'", '>', '<p ', '&lt;script&gt;'),
          ),
          { maxLength: 8 },
        ),
        (pieces) => {
          expect(dangersOf(`<div>${sanitise(pieces.join('')).text}</div>`)).toEqual([]);
        },
      ),
    );
  });

  it('does no harm in any field of a message, an actor or a thread, in a transcript and an index', async () => {
    const hostile = HOSTILE.join('"\'');
    const from = archive();
    const party = { actorId: 'V-7', name: hostile, deliveryIdentifier: { type: hostile, value: hostile } };
    const fields = {
      text: hostile,
      richText: hostile,
      subject: hostile,
      direction: hostile,
      channelId: hostile,
      createdBy: hostile,
    };
    const message = {
      ...fields,
      senders: [party],
      recipients: [party],
      attachments: [{ type: hostile, name: hostile, url: hostile, fileId: hostile }],
      status: { statusType: 'FAILED', failureDetails: { errorMessage: hostile } },
    };
    await from.putThread(
      [
        row({ id: hostile, ...message }),
        row({ id: 'm2', type: hostile }),
        row({ id: 'm3', type: 'THREAD_STATUS_CHANGE', newStatus: hostile }),
      ],
      {
        status: hostile,
        inbox_id: hostile,
        assigned_to: hostile,
        associated_contact_id: hostile,
        unseen_message_ids: [hostile],
      },
    );
    const place = await mkdtemp(path.join(tmpdir(), 'threadvault-export-'));
    const folder = path.join(place, 'export');
    await exportCase(command({ caseName: hostile, reason: hostile, requestedBy: hostile }), {
      source: from.source,
      folder,
      scratch: path.join(place, 'scratch'),
      now: new Date(),
      toolVersion: '0',
    });

    const transcript = await readFile(
      path.join(folder, 'threads', ID.portalId, ID.threadId, 'transcript.html'),
      'utf8',
    );
    const index = await readFile(path.join(folder, 'index.html'), 'utf8');
    await rm(place, { recursive: true });

    expect(dangersOf(transcript)).toEqual([]);
    expect(dangersOf(index)).toEqual([]);
    expect(transcript).toContain(`content="default-src 'none'; style-src 'sha256-`);
    expect(elementsOf(transcript).filter(({ tagName }) => tagName === 'article')).toHaveLength(3);
  });
});

describe('the HTML of a message', () => {
  it.each([
    [
      'keeps what text is made of',
      '<blockquote><p dir="rtl">שלום <b>x</b></p></blockquote>',
      '<blockquote><p dir="rtl">שלום <b>x</b></p></blockquote>',
    ],
    [
      'says what an image was',
      '<img src="https://example.com/a.png" alt="a hinge">',
      '<span class="left-out">[image not shown: a hinge: https://example.com/a.png]</span>',
    ],
    [
      'does not repeat the content of an image',
      '<img src="data:image/png;base64,AAAABBBBCCCCDDDDEEEEFFFFGGGG">',
      '<span class="left-out">[image not shown: data:image/png;base64,AAAABBBBCCCCDDDDEE…]</span>',
    ],
    [
      'names the address of a link',
      '<a href="https://example.com/a?b&c">here</a>',
      '<span class="link" data-href="https://example.com/a?b&amp;c">here</span>',
    ],
    [
      'names an address once that is its own text',
      '<a href="https://example.com">https://example.com</a>',
      '<span>https://example.com</span>',
    ],
    ['shows what is hidden', '<div style="display:none;color:#fff">secret</div>', '<div>secret</div>'],
    [
      'strikes out what is struck out',
      '<span style="text-decoration: line-through">old</span>',
      '<span class="struck">old</span>',
    ],
    ['closes what is open', '<table><td>x', '<table><td>x</td></table>'],
  ])('%s', (_, untrusted, expected) => {
    expect(sanitise(untrusted).text).toBe(expected);
  });
});

describe('a text in a page', () => {
  it('is escaped, and forbidden characters are replaced', () => {
    expect(markup`<p>${`a<b>&"'\u0000\uD800`}</p>`.text).toBe(
      '<p>a&lt;b&gt;&amp;&quot;&#39;\uFFFD\uFFFD</p>',
    );
  });
});
