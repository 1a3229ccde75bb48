/**
 * A name that a file can have in a key of S3 and on every file system: one path segment, no character that S3's guide says
 * to avoid or that a file system forbids
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html,
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file, read November 2026), no name that Windows reserves, none
 * that begins with a dot, at most 150 bytes in UTF-8, never empty. Keeps letters of all scripts, in their composed form, and
 * the extension. A safe name stays as it is.
 */
export function safeFileName(name: string): string {
  const clean = name
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, '_')
    .replaceAll(/[\\/:*?"<>|{}^%`[\]~#]/g, '_')
    .replaceAll(/\s+/gu, ' ');
  const trimmed = trimEnds(clean);
  const extension = /\.[A-Za-z0-9]{1,12}$/.exec(trimmed)?.[0] ?? '';
  const stem = trimmed.slice(0, trimmed.length - extension.length);
  const shortened = cutTo(trimEnds(stem), MAX_BYTES - PREFIX_BYTES - extension.length);
  const whole = `${trimEnds(shortened) || 'file'}${extension}`;
  return whole.startsWith('.') || RESERVED.test(whole) ? `_${whole}` : whole;
}

// With it, the longest key stays below S3's limit of 1,024 bytes, and the name below the 255 of most file systems.
const MAX_BYTES = 150;
const PREFIX_BYTES = 1;
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

function trimEnds(text: string): string {
  return text.replace(/^ +/, '').replace(/[. ]+$/, '');
}

/** The longest beginning of a text that fits into so many bytes, without cutting a character. */
function cutTo(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
