import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { THREAD_EVENT_TYPES } from '../../functions/hubspot/events.ts';
import { MARKERS } from '../simulation/markers.ts';
import { newMessageEvent } from './webhook.ts';

/** Values that no id, time or name should have, as JSON text. */
const STRANGE_VALUES = [
  'null',
  'true',
  '{}',
  '[[[]]]',
  '""',
  '-1',
  '-0',
  '0.5',
  '62515.0',
  '6.2515e4',
  '1e21',
  '1e400',
  '-1e-400',
  '9007199254740993',
  '9'.repeat(3_000),
  `${'1'.repeat(20)}.5`,
  '"62515"',
  '" 62515"',
  '"../../x"',
  '"__proto__"',
  '"constructor"',
  '"\\u0000"',
  '"\\ufffe\\uffff"',
  '"\\ud800"',
  `"${'x'.repeat(129)}"`,
  ...Object.values(MARKERS).map((marker) => JSON.stringify(marker)),
];

const FIELDS = [...Object.keys(newMessageEvent()), 'eventType', '__proto__', 'constructor', 'toString'];

const valueText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...STRANGE_VALUES) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...THREAD_EVENT_TYPES, 'contact.creation').map((type) => JSON.stringify(type)),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
);
const memberText = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...FIELDS) }, { weight: 1, arbitrary: fc.string() }),
    valueText,
  )
  .map(([key, value]) => `${JSON.stringify(key)}:${value}`);

/** A newMessage event to which members were added; of equal keys the last one counts. */
const eventText = fc
  .array(memberText, { maxLength: 3 })
  .map((members) => [JSON.stringify(newMessageEvent()).slice(0, -1), ...members].join(',') + '}');
const batchText = fc
  .array(fc.oneof({ weight: 9, arbitrary: eventText }, { weight: 1, arbitrary: valueText }), { maxLength: 4 })
  .map((texts) => `[${texts.join(',')}]`);

const EVENT = Buffer.from(JSON.stringify([newMessageEvent({ note: `é ${MARKERS.text}` })]));
/** One event in the wrong coding: nothing but UTF-8 may be taken. */
const MISCODED = [
  Buffer.from(EVENT.toString(), 'utf16le'),
  Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(EVENT.toString(), 'utf16le').swap16()]),
  Buffer.from(EVENT.toString(), 'latin1'),
  Buffer.concat([EVENT.subarray(0, -2), Buffer.from([0xc0, 0xaf]), EVENT.subarray(-2)]),
  Buffer.concat([EVENT.subarray(0, 2), Buffer.from([0xed, 0xa0, 0x80]), EVENT.subarray(2)]),
  gzipSync(EVENT),
  Buffer.alloc(0),
  Buffer.from('\u0000'),
];

/** Lets a body be read in the report of a failure. */
const readable = (body: Buffer) =>
  Object.assign(Buffer.from(body), { [fc.toStringMethod]: () => body.toString('latin1') });

/** A body that HubSpot might sign if it were out of its mind. */
export const hostileBody: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 6, arbitrary: batchText.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.constantFrom(...MISCODED) },
    { weight: 1, arbitrary: fc.constant(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), EVENT])) },
  )
  .map(readable);

const nested = (open: string, core: string, close: string, depth = 100_000) =>
  open.repeat(depth) + core + close.repeat(depth);

/** Bodies that cost much to read, by what they are. */
export const EXPENSIVE_BODIES = Object.entries({
  'arrays 100,000 deep': nested('[', '', ']'),
  'arrays 100,000 deep around a long integer': nested('[', '12345678901234567890', ']'),
  'objects 100,000 deep': nested('{"a":', '1', '}'),
  'objects 100,000 deep in an event': `[{"portalId":1,"x":${nested('{"a":', '1', '}')}}]`,
  'arrays that never end': nested('[', '', '', 1_000_000),
  'a number of a million digits': nested('', '9'.repeat(1_000_000), '', 1),
  'an id of a million digits': `[{"portalId":${'9'.repeat(1_000_000)},"objectId":1}]`,
  'a million spaces after a long integer': `[1234567890123456${' '.repeat(1_000_000)}x]`,
  'a hundred thousand empty events': `[${'{},'.repeat(100_000)}{}]`,
  '1,001 events': JSON.stringify(Array.from({ length: 1_001 }, () => newMessageEvent())),
  '10 MB': ' '.repeat(10_000_000),
  '1 byte more than 1 MiB': ' '.repeat(1_048_577),
}).map(([what, text]): [string, Buffer] => [what, Buffer.from(text)]);

const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/**
 * The threads that a body asks for, worked out without the code under test; undefined when it is no array in JSON in
 * UTF-8. Numbers beyond 2^53 count as the string of their digits.
 */
export function threadsAskedFor(body: Buffer): Set<string> | undefined {
  let events: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const keepSource = (_: string, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) ? context?.source : value;
    events = JSON.parse(text, keepSource);
  } catch {
    return undefined;
  }
  if (!Array.isArray(events)) return undefined;
  const asked = (events as (Record<string, unknown> | null)[]).filter(
    (event) =>
      THREAD_EVENT_TYPES.has(String(event?.['subscriptionType'] ?? event?.['eventType'])) &&
      String(event?.['portalId']) === '62515' &&
      SAFE_ID.test(String(event?.['objectId'])),
  );
  return new Set(asked.map((event) => String(event?.['objectId'])));
}
