/**
 * JSON without loss: HubSpot's ids and file ids may be integers beyond 2^53, and an archive keeps what was sent.
 */

// An integer literal of 16 or more digits: the only way to write one beyond 2^53 without an exponent. The same may
// stand inside a string, which costs time and nothing else.
const LONG_INTEGER = /(^|[:[,])\s*-?\d{16,}\s*($|[,\]}])/;

/**
 * `JSON.parse`, except that an integer a double cannot hold comes back as the string of its digits.
 * @throws SyntaxError when the text is not JSON, or holds such an integer and is nested thousands of levels deep
 */
export function parseJson(text: string): unknown {
  // Keeping digits takes five times as long, so only a text that needs it is parsed that way.
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, keepDigits);
  } catch (error) {
    // With a function to call, JSON.parse recurses; without one, it does not.
    throw error instanceof RangeError ? new SyntaxError('nested too deeply to keep its digits') : error;
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const digits = context?.source;
  const lossy = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits ?? '');
  return lossy ? digits : value;
}

/**
 * Takes the array at a top-level key out of an object without parsing its elements: `{"results": [{…}, {…}], "n": 1}`
 * gives `{"results": [], "n": 1}`, parsed by {@link parseJson}, and the source text of each element, byte for byte. The
 * text is JSON when this and parsing each element succeed. The first of two equal keys counts; a key that is absent or
 * holds no array gives no elements.
 * @throws SyntaxError when the rest is not JSON
 */
export function takeArrayOut(text: string, key: string): { rest: unknown; elements: string[] } {
  const open = startOfArray(text, JSON.stringify(key));
  if (open === undefined) return { rest: parseJson(text), elements: [] };
  const { elements, end } = sliceElements(text, open);
  return { rest: parseJson(`${text.slice(0, open)}[]${text.slice(end)}`), elements };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Where the array at a top-level key begins. The text need not be JSON: whatever is skipped here is parsed later. */
function startOfArray(text: string, quotedKey: string): number | undefined {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  do {
    const keyStart = skipSpace(text, at + 1);
    const keyEnd = endOfValue(text, keyStart);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    if (text.slice(keyStart, keyEnd) === quotedKey) {
      return text.charCodeAt(valueStart) === OPEN_BRACKET ? valueStart : undefined;
    }
    at = skipSpace(text, endOfValue(text, valueStart));
  } while (text.charCodeAt(at) === COMMA);
  return undefined;
}

function sliceElements(text: string, open: number): { elements: string[]; end: number } {
  const elements: string[] = [];
  let at = skipSpace(text, open + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) return { elements, end: at + 1 };
  for (;;) {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    const next = skipSpace(text, end);
    const char = text.charCodeAt(next);
    if (char === CLOSE_BRACKET) return { elements, end: next + 1 };
    if (char !== COMMA) throw new SyntaxError('an array without an end');
    at = skipSpace(text, next + 1);
  }
}

/** Index just past the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return endOfScalar(text, start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at) - 1;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[,\]}\s]/.test(text.charAt(at))) at++;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at++;
  return at;
}
