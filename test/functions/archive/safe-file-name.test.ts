import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../../functions/archive/safe-file-name.ts';

describe('a safe file name', () => {
  it.each([
    ['broken hinge.jpg', 'broken hinge.jpg'],
    ["R&D, it's final (2)+.pdf", "R&D, it's final (2)+.pdf"],
    ['Rechnung März.pdf', 'Rechnung März.pdf'],
    ['写真 📷.png', '写真 📷.png'],
    ['.gitignore', 'file.gitignore'],
    ['../../etc/passwd', '_.._.._etc_passwd'],
    ['C:\\temp\\a.txt', 'C__temp_a.txt'],
    ['a\u0000b\nc.txt', 'a_b_c.txt'],
    ['invoice\u202Egpj.exe', 'invoice_gpj.exe'],
    ['a  \u00a0 b .txt', 'a b.txt'],
    ['name. . .', 'name'],
    ['con', '_con'],
    ['LPT1.txt', '_LPT1.txt'],
    ['..', 'file'],
    ['', 'file'],
    ['   ', 'file'],
    ['.jpg', 'file.jpg'],
    ['\uD83D.txt', '_.txt'],
    ['..\u2025', '_..\u2025'],
  ])('of %j is %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it('is the same for both ways of writing an accent', () => {
    expect(safeFileName('cafe\u0301.txt')).toBe(safeFileName('caf\u00e9.txt'));
  });

  it('keeps the extension of a name that is too long', () => {
    const safe = safeFileName(`${'ü'.repeat(500)}.docx`);

    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(150);
    expect(safe).toMatch(/^ü{70,}\.docx$/);
  });

  const awkward = fc.constantFrom(
    ...[
      '/',
      '\\',
      '.',
      '..',
      ' ',
      '\u0000',
      '\u202e',
      '\ud800',
      '\u200d',
      'é',
      'e\u0301',
      '📷',
      'con',
      'a',
      '.pdf',
    ],
  );
  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(awkward, { maxLength: 200 }).map((parts) => parts.join('')),
  );

  it('is one path segment, whatever it is made of', () => {
    fc.assert(
      fc.property(names, (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toBe('');
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(150);
        expect(safe).not.toMatch(/[\\/\p{C}\p{Zl}\p{Zp}:*?"<>|]/u);
        expect(safe).not.toMatch(/^[. ]|[. ]$/);
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        expect(safe.isWellFormed()).toBe(true);
        expect(safe.normalize('NFC')).toBe(safe);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays as it is when it is made safe again', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(safeFileName(safeFileName(name))).toBe(safeFileName(name));
      }),
      { numRuns: 2_000 },
    );
  });
});
