import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, takeArrayOut } from '../../functions/json.ts';

describe('parseJson', () => {
  it('keeps the digits of integers that a double cannot hold', () => {
    expect(parseJson('-9007199254740993')).toBe('-9007199254740993');
    expect(parseJson('{"a":9007199254740993,"b":[-9007199254740993],"c":9007199254740991}')).toEqual({
      a: '9007199254740993',
      b: ['-9007199254740993'],
      c: 9007199254740991,
    });
  });

  it('is JSON.parse for everything else', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/\d{16}/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('parseJson of what is nested deeply', () => {
  const nested = (core: string, depth: number) => '['.repeat(depth) + core + ']'.repeat(depth);

  it('gives it when no digit can be lost', () => {
    expect(Array.isArray(parseJson(nested('1', 100_000)))).toBe(true);
  });

  it('gives it with its digits when it is nested a thousand levels deep', () => {
    expect(JSON.stringify(parseJson(nested('12345678901234567890', 1_000)))).toContain(
      '"12345678901234567890"',
    );
  });

  it('refuses it as no JSON when it is too deep to keep its digits', () => {
    expect(() => parseJson(nested('12345678901234567890', 100_000))).toThrow(SyntaxError);
  });
});

const parse = (text: string) => {
  const { rest, elements } = takeArrayOut(text, 'results');
  return { rest, texts: elements, elements: elements.map(parseJson) };
};

describe('takeArrayOut', () => {
  const json = fc.jsonValue();
  const indent = fc.constantFrom(undefined, 1, '\t');

  it('gives each element and its source, whatever stands around and within it', () => {
    fc.assert(
      fc.property(fc.array(json), fc.dictionary(fc.string(), json), indent, (results, rest, space) => {
        const text = JSON.stringify({ ...rest, results, paging: rest }, null, space);

        const parsed = parse(text);

        const whole = parseJson(text) as { results: unknown[] };
        expect(parsed.elements).toEqual(whole.results);
        expect(parsed.texts.map(parseJson)).toEqual(whole.results);
        expect(parsed.rest).toEqual({ ...whole, results: [] });
        if (space === undefined)
          expect(parsed.texts).toEqual(results.map((result) => JSON.stringify(result)));
      }),
    );
  });

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const accepts = (work: () => unknown) => {
      try {
        work();
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
        return false;
      }
    };
    const damage = fc.record({
      at: fc.nat(),
      cut: fc.nat(3),
      put: fc.constantFrom('', ',', ']', '}', '"', '[', '{', '\\', '1', ' '),
    });
    fc.assert(
      fc.property(fc.array(json), damage, (results, { at, cut, put }) => {
        const whole = JSON.stringify({ results, paging: { next: 1 } });
        const place = at % (whole.length + 1);
        const text = whole.slice(0, place) + put + whole.slice(place + cut);

        expect(accepts(() => parse(text))).toBe(accepts(() => JSON.parse(text)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps bytes that parsing would change', () => {
    const text = '{ "results" : [ {"n": 9007199254740993, "f": 1.50, "e": "\\u0041\\\\\\""} , 1e3 ] }';

    expect(parse(text)).toEqual({
      rest: { results: [] },
      elements: [{ n: '9007199254740993', f: 1.5, e: 'A\\"' }, 1000],
      texts: ['{"n": 9007199254740993, "f": 1.50, "e": "\\u0041\\\\\\""}', '1e3'],
    });
  });

  it.each([
    ['{"paging":{"results":[1]}}', { paging: { results: [1] } }],
    ['[{"results":[1]}]', [{ results: [1] }]],
    ['{"results":null}', { results: null }],
    ['null', null],
  ])('gives no elements for %s', (text, rest) => {
    expect(parse(text)).toEqual({ rest, elements: [], texts: [] });
  });
});
