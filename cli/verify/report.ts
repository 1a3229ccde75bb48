import { accessSync, closeSync, constants, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../functions/errors.ts';
import { codeOf } from '../../local/durable-files.ts';
import { numeral } from '../../local/numeral.ts';
import { formatTable } from '../../local/text-table.ts';
import { visible } from '../export/markup.ts';
import { type Finding } from './finding.ts';

/** What a comparison has come to, whatever was compared with what. */
export type Report = {
  /** What was compared, and when: name and value. */
  facts: readonly (readonly [string, string])[];
  /** How many differences of each kind. */
  differences: Readonly<Record<string, number>>;
  /** The same, for programs. */
  summary: Readonly<Record<string, unknown>>;
  /** What it means that there is no difference. */
  proven: string;
  /** Every difference; there may be very many. Called once for each form. */
  findings: () => Iterable<Finding>;
};

/** More than a screen of them is for a file. */
const SHOWN = 20;

/** Whether there is no difference. */
export function isWithoutDifference({ differences }: Report): boolean {
  return Object.values(differences).every((count) => count === 0);
}

/** The report as text: what was compared, the first differences, and the verdict. */
export function describeReport(report: Report): string {
  const width = Math.max(...report.facts.map(([name]) => name.length));
  const lines = report.facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return `${lines.join('\n')}\n\n${describeFindings(report)}\n`;
}

function describeFindings(report: Report): string {
  if (isWithoutDifference(report)) return report.proven;
  const rows: string[][] = [];
  for (const { kind, key, versionId, detail } of report.findings()) {
    if (rows.length === SHOWN) break;
    // Whoever slips an object in chooses its key, and must not write over the verdict of a terminal with it.
    rows.push([kind, versionId === null ? key : `${key} (${versionId})`, detail].map(visible));
  }
  const counts = Object.entries(report.differences).filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const more =
    total > rows.length ? [`… and ${numeral(total - rows.length)} more; --json FILE has them all`] : [];
  const verdict = `Differences: ${counts.map(([kind, count]) => `${numeral(count)} ${kind}`).join(', ')}.`;
  return [formatTable([['difference', 'where', 'what'], ...rows]), ...more, '', verdict].join('\n');
}

/**
 * Writes the report as JSON: the summary and every difference.
 * @throws ConfigError when the file cannot be written
 */
export function writeJson(file: string, report: Report): void {
  writeWhole(file, function* () {
    yield `${JSON.stringify(report.summary).slice(0, -1)},"findings":[`;
    let separator = '\n';
    for (const { versionId, ...finding } of report.findings()) {
      yield separator + JSON.stringify({ ...finding, version_id: versionId });
      separator = ',\n';
    }
    yield '\n]}\n';
  });
}

/**
 * Writes the report as one page of HTML, with nothing from elsewhere and no script.
 * @throws ConfigError when the file cannot be written
 */
export function writeHtml(file: string, report: Report): void {
  writeWhole(file, function* () {
    yield HTML_HEAD;
    for (const [name, value] of report.facts)
      yield `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>\n`;
    yield '</table>\n';
    if (isWithoutDifference(report)) {
      yield `<p class="proven">${escape(report.proven)}</p>\n`;
    } else {
      yield '<table class="differences">\n<tr><th>difference</th><th>where</th><th>version</th><th>what</th></tr>\n';
      for (const { kind, key, versionId, detail } of report.findings()) {
        const cells = [kind, key, versionId ?? '', detail].map((text) => `<td>${escape(text)}</td>`);
        yield `<tr>${cells.join('')}</tr>\n`;
      }
      yield '</table>\n';
    }
    yield '</body></html>\n';
  });
}

const HTML_HEAD = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Threadvault: verification</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; }
td { overflow-wrap: anywhere; }
.proven { font-weight: bold; color: #14632c; }
.differences td:first-child { color: #9b1c1c; white-space: nowrap; }
</style></head><body>
<h1>Threadvault: verification</h1>
<table>
`;

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * For the beginning: comparing may take hours, and would be in vain where its report cannot be written.
 * @throws ConfigError when the file's folder is not there or cannot be written, or when a folder has the file's name
 */
export function requireWritable(file: string): void {
  try {
    accessSync(path.join(path.dirname(file), '/'), constants.W_OK);
  } catch (error) {
    throw notWritable(file, error);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new ConfigError(`the report ${file} cannot be written (EISDIR)`);
}

function notWritable(file: string, cause: unknown): ConfigError {
  return new ConfigError(`the report ${file} cannot be written (${codeOf(cause)})`, { cause });
}

/** The file is whole or as it was. */
function writeWhole(file: string, pieces: () => Iterable<string>): void {
  try {
    const draft = `${file}.tmp`;
    const descriptor = openSync(draft, 'w');
    try {
      for (const piece of pieces()) writeSync(descriptor, piece);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    throw notWritable(file, error);
  }
}
