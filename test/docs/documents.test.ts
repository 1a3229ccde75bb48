import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchors, DOCUMENTS, links, readDocument } from './markdown.ts';

const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

describe.each(DOCUMENTS)('%s', (name) => {
  const document = readDocument(name);
  const relative = links(document).filter(({ target }) => !/^[a-z]+:/.test(target));
  const resolve = (target: string): string => path.join(path.dirname(name), target);

  it('links to files that exist, and to headings that they have', () => {
    const broken = relative.filter(({ target }) => {
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? name : resolve(file);
      return !existsSync(linked) || (anchor !== undefined && !anchors(readDocument(linked)).includes(anchor));
    });

    expect(broken).toEqual([]);
  });

  it('names tests that exist', () => {
    const tests = relative.filter(({ target }) => /^[./]*test\/.*\.ts$/.test(target));

    const missing = tests.filter(
      ({ text, target }) => !text.endsWith('.ts') && !readFileSync(resolve(target), 'utf8').includes(text),
    );

    expect(missing).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const named = Array.from(
      document.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g),
      (match) => match[1] ?? match[2]!,
    );

    expect(named.filter((script) => !(script in packageJson.scripts))).toEqual([]);
  });

  it('has no line that only its author understands', () => {
    expect(document).not.toMatch(/TODO|FIXME|@[A-Z]+@|\/tmp\/|\/home\//);
  });
});
