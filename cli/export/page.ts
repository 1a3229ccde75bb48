import { createHash } from 'node:crypto';
import { numeral } from '../../local/numeral.ts';
import { markup, Markup } from './markup.ts';

const STYLE = `
:root { --ink: #1b1b1b; --soft: #5a5a5a; --line: #cfcfcf; --wash: #f5f5f3; --warn: #8a1c1c; --in: #2f5d8a; --out: #4d7a4a; --note: #a8801c; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 2rem 4rem; max-width: 54rem; color: var(--ink); background: #fff; font: 15px/1.5 "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font: 600 1.6rem/1.25 Georgia, "Times New Roman", serif; margin: 0 0 .3rem; }
h2 { font: 600 1.1rem/1.3 Georgia, "Times New Roman", serif; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
.lead { color: var(--soft); margin: 0 0 1.5rem; }
table.facts, table.list { border-collapse: collapse; width: 100%; margin: 0; }
table.facts th { width: 11rem; text-align: left; font-weight: 600; color: var(--soft); }
table.facts th, table.facts td { padding: .2rem .75rem .2rem 0; vertical-align: top; border: 0; }
table.list th { text-align: left; color: var(--soft); font-size: .85rem; border-bottom: 2px solid var(--line); }
table.list th, table.list td { padding: .35rem .75rem .35rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
table.list .number { text-align: right; white-space: nowrap; }
table.list .whole { white-space: nowrap; overflow-wrap: normal; }
.mono { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: .8em; }
.notice { border: 1px solid var(--line); border-left: 4px solid var(--note); background: var(--wash); padding: .6rem .9rem; margin: .6rem 0; }
.notice.grave { border-left-color: var(--warn); }
.notice p { margin: .2rem 0; }
.day { margin: 2rem 0 .75rem; font-size: .8rem; font-weight: 700; letter-spacing: .06em; color: var(--soft); text-transform: uppercase; border-bottom: 1px solid var(--line); }
.entry { margin: 0 0 1rem; padding: .1rem 0 .1rem .9rem; border-left: 4px solid var(--line); }
.entry.incoming { border-left-color: var(--in); }
.entry.outgoing { border-left-color: var(--out); }
.entry.internal { border-left: 4px double var(--note); background: #fbf7ea; padding: .5rem .9rem; }
.entry.context { opacity: .72; border-left-style: dotted; }
.entry.system { color: var(--soft); border-left-style: dotted; font-size: .9rem; }
.entry > header { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
.entry .number { font-weight: 700; font-variant-numeric: tabular-nums; }
.entry .kind { font-size: .72rem; font-weight: 700; letter-spacing: .04em; text-transform: uppercase; color: var(--soft); }
.entry .author { font-weight: 600; }
.entry .author .mono { font-weight: 400; color: var(--soft); }
.entry time { margin-left: auto; color: var(--soft); font-size: .82rem; font-variant-numeric: tabular-nums; }
.parties { margin: .1rem 0; font-size: .85rem; color: var(--soft); }
.parties b { font-weight: 600; }
.subject { font-weight: 600; margin: .25rem 0; }
.body { margin: .35rem 0; overflow-x: auto; unicode-bidi: isolate; }
.body.plain { white-space: pre-wrap; }
.body p { margin: .4rem 0; }
.body pre { white-space: pre-wrap; }
.body h1, .body h2, .body h3, .body h4, .body h5, .body h6 { font-size: 1em; font-weight: 600; font-family: inherit; border: 0; margin: .6rem 0 .3rem; padding: 0; }
.body blockquote { margin: .4rem 0; padding-left: .8rem; border-left: 2px solid var(--line); color: #444; }
.body table { border-collapse: collapse; max-width: 100%; }
.body td, .body th { padding: .1rem .4rem; vertical-align: top; }
.body .struck { text-decoration: line-through; }
.body .link { text-decoration: underline; }
.body .link[data-href]::after { content: " \\27E8" attr(data-href) "\\27E9"; font-size: .85em; color: var(--soft); text-decoration: none; display: inline; overflow-wrap: anywhere; }
.body .left-out { color: var(--soft); font-style: italic; font-size: .9em; }
.mark { font-size: .85rem; margin: .25rem 0; }
.mark.grave { color: var(--warn); font-weight: 600; }
.earlier { margin: .4rem 0; padding: .3rem .8rem; border: 1px dashed var(--line); }
.earlier > p { margin: .1rem 0; font-size: .85rem; color: var(--soft); }
.files { margin: .35rem 0; padding: .35rem .8rem; background: var(--wash); list-style: none; font-size: .88rem; }
.files li { margin: .2rem 0; }
.id { font-size: .72rem; color: var(--soft); margin: .15rem 0 0; }
a { color: #1d4f91; }
.end { margin-top: 2.5rem; padding-top: .6rem; border-top: 1px solid var(--line); font-size: .8rem; color: var(--soft); }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .entry { break-inside: auto; }
  .entry > header, .day, h2, .subject { break-after: avoid; break-inside: avoid; }
  .files li, .notice, tr { break-inside: avoid; }
  .entry.internal, .files, .notice { print-color-adjust: exact; }
  .body { overflow-x: visible; }
  .body table { width: 100%; table-layout: fixed; }
  .parties { break-after: avoid; }
  p { orphans: 3; widows: 3; }
  a { color: inherit; }
}`;

/** A page: its title, what stands at the head and foot of each sheet of paper, and its language is English. */
export type Page = { title: string; head: string; foot: string };

/**
 * The beginning of a page that is whole in itself: no script, nothing that is loaded. Its content security policy forbids
 * everything but its own style, by the SHA-256 of that (https://www.w3.org/TR/CSP3/, read November 2026).
 */
export function beginPage({ title, head, foot }: Page): Markup {
  // Margin boxes are for browsers that know them (https://www.w3.org/TR/css-page-3/, read November 2026); the page says the
  // same at its top and its end.
  const font = 'font: 8pt Arial, sans-serif; color: #555;';
  const style = `${STYLE}
@page { size: A4; margin: 20mm 18mm 18mm; @top-left { content: ${cssString(head)}; ${font} } @bottom-left { content: ${cssString(foot)}; ${font} } @bottom-right { content: counter(page) " / " counter(pages); ${font} } }
`;
  const hash = createHash('sha256').update(style).digest('base64');
  return markup`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>`;
}

/** The end of a page. */
export const END_OF_PAGE = '</body>\n</html>\n';

// Only ids, numbers and hashes come here; the rest is escaped, as CSS does it, all the same.
function cssString(text: string): string {
  const escaped = text.replaceAll(
    /[^A-Za-z0-9 ,.:/·_-]/gu,
    (c) => `\\${(c.codePointAt(0) ?? 0).toString(16)} `,
  );
  return `"${escaped}"`;
}

/** A table of names and what they stand for; those without anything are left out. */
export function facts(rows: readonly (readonly [string, string | Markup | undefined])[]): Markup {
  const given = rows.filter(([, value]) => value !== undefined);
  return markup`<table class="facts">
${given.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;
}

/** A count with its noun: `1 message`, `2 messages`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${numeral(value)} ${value === 1 ? noun : plural}`;
}
