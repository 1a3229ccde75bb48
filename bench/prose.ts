import { createRandom, type Random } from '../local/simulated-hubspot/random.ts';

const WORDS = 8_000;
const TABLE_SIZE = 65_536;
const SYLLABLES = 'an ber cho do en fra gi hol in ka le mer no or pa qui re sa ti un ver wa xi ya zu'.split(
  ' ',
);
const SENTENCE_WORDS = 12;

/**
 * Text that compresses as what people write does. A word is drawn as often as its place in the list has it by Zipf's law,
 * the frequent ones are short, and none follows from the one before: a script with slots, which comes again and again,
 * would compress to almost nothing where a file holds many messages.
 */
export function writeProse(random: Random, words: number): string {
  let text = '';
  for (let word = 0; word < words; word++) {
    const drawn = TABLE[Math.floor(random.next() * TABLE_SIZE)] ?? '';
    if (word % SENTENCE_WORDS > 0) text += ` ${drawn}`;
    else text += `${word > 0 ? '. ' : ''}${drawn.charAt(0).toUpperCase()}${drawn.slice(1)}`;
  }
  return `${text}.`;
}

/** Each word as many times as it is to be drawn. */
const TABLE = inventTable();

function inventTable(): string[] {
  const random = createRandom('prose');
  const words = inventWords(random);
  const shares = words.map((_, place) => 1 / (place + 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let passed = 0;
  return words.flatMap((word, place) => {
    const from = Math.round((passed / total) * TABLE_SIZE);
    passed += shares[place] ?? 0;
    return new Array<string>(Math.round((passed / total) * TABLE_SIZE) - from).fill(word);
  });
}

function inventWords(random: Random): string[] {
  const words = new Set<string>();
  while (words.size < WORDS) {
    const syllables = random.int(1, 1 + Math.ceil(Math.log10(words.size + 1) / 1.5));
    words.add(Array.from({ length: syllables }, () => random.pick(SYLLABLES)).join(''));
  }
  return [...words];
}
