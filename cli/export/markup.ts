/** HTML that is safe to stand in a page: made by {@link markup}, which escapes what it is given, or by the sanitiser. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Markup | undefined | readonly Piece[];

/** A template of HTML. Texts and numbers are escaped, {@link Markup} is taken as it is, and undefined is nothing. */
export function markup(strings: TemplateStringsArray, ...pieces: Piece[]): Markup {
  return new Markup(strings.map((string, i) => string + render(pieces[i])).join(''));
}

function render(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'string' || typeof piece === 'number') return escapeText(String(piece));
  return piece.map(render).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return withoutControls(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A text in which each control character that HTML forbids, and each half of a pair, is U+FFFD. */
export function withoutControls(text: string): string {
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '\uFFFD');
}

/**
 * A name, an address or another text of one line, in which nothing hides: characters that turn or hide what is beside them
 * stand there by their number, as in `invoice⟨U+202E⟩gpj.exe`.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replaceAll(
      /[\p{Cc}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu,
      (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    );
}

/** A relative link to a file of the export, by the segments of its path. */
export function relativeLink(segments: readonly string[]): string {
  return segments.map(encodeURIComponent).join('/');
}
