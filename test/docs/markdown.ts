import { readdirSync, readFileSync } from 'node:fs';

/** The documents that readers of the repository see. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The text of a document, by its path from the root of the repository. */
export function readDocument(path: string): string {
  return readFileSync(path, 'utf8');
}

/** The part of a document from a heading to the next one of the same level or above. */
export function section(document: string, heading: string): string {
  const lines = document.split('\n');
  const level = heading.indexOf(' ');
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`there is no heading ${JSON.stringify(heading)}`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

/** The first table of a text: its rows without the head, one plain text per cell. */
export function firstTable(text: string): string[][] {
  const rows = text.split('\n').map((line) => line.trim());
  const start = rows.findIndex((line) => /^\|[\s|:-]+\|$/.test(line));
  const end = rows.findIndex((line, i) => i > start && !line.startsWith('|'));
  return rows.slice(start + 1, end === -1 ? undefined : end).map(cellsOf);
}

function cellsOf(row: string): string[] {
  return row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\_', '_'));
}

/** The fenced blocks of a language, without their fences. */
export function codeBlocks(text: string, language: string): string[] {
  const fences = text.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return Array.from(fences, ([, tag, code]) => ({ tag, code: code! }))
    .filter(({ tag }) => tag === language)
    .map(({ code }) => code.trimEnd());
}

/** The text without its fenced blocks, in which nothing is a link or a heading. */
function prose(document: string): string {
  return document.replaceAll(/^```.*?^```$/gms, '');
}

/** The anchors that GitHub gives to the headings of a document. */
export function anchors(document: string): string[] {
  return Array.from(prose(document).matchAll(/^#+ +(.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a document, as their text and target. */
export function links(document: string): { text: string; target: string }[] {
  return Array.from(prose(document).matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g), ([, text, target]) => ({
    text: text!,
    target: target!,
  }));
}

/** What the first group of a pattern matches, each time. */
export function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), (match) => match[1]!);
}
