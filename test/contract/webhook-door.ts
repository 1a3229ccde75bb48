import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseQueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { findTexts } from '../simulation/markers.ts';
import { forgery, requestOf, type SentRequest } from '../support/forgeries.ts';
import { EXPENSIVE_BODIES, hostileBody, threadsAskedFor } from '../support/hostile-bodies.ts';
import { newMessageEvent, SIGNED_AT } from '../support/webhook.ts';

/** A receiver as its callers see it, from the request to the queue and the log. It stands at SIGNED_AT when it opens. */
export type Door = {
  /** What HubSpot puts before the path: the scheme and the host. */
  origin: string;
  knock: (request: SentRequest) => Promise<{ status: number; headers: string[]; body: string }>;
  /** The bodies of the messages that came onto the queue since the last call. */
  takeQueued: () => string[];
  /** The lines that were logged since the last call, metrics aside. */
  takeLines: () => string[];
  /** What a refusal may leave in the log; nothing unless it is said. */
  refusalLine?: RegExp;
  /** Makes what the receiver depends on fail until it is told otherwise. Errors carry MARKERS.error. */
  setBroken: (part: 'queue' | 'secret' | undefined) => void;
  wait: (ms: number) => void;
  close: () => Promise<void>;
};

/** How many requests each property is tried with: `WEBHOOK_FUZZ_RUNS=20000 npx vitest run fuzz` takes minutes. */
const numRuns = Number(process.env['WEBHOOK_FUZZ_RUNS'] ?? 200);

// The last one is that of an HTTP server that cannot read the request.
const ANSWERS =
  /^(\{"status":"(ok|(bad request|unauthorized|method not allowed|payload too large|unsupported media type|try again later))"\})?$/;
const HEADERS = ['content-type', 'date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'];
/** What SQS lets into a message; anything else it refuses or replaces. */
const SQS_TEXT = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** What every home's receiver promises to whoever sends whatever. */
export function describeWebhookDoor(name: string, open: () => Promise<Door>): void {
  describe(`${name}, whatever is sent`, () => {
    let door: Door;
    beforeEach(async () => {
      door = await open();
    });
    afterEach(() => door.close());

    /** Sends a request; sees that the answer and the log say nothing. */
    async function knock(request: SentRequest) {
      const answer = await door.knock(request);
      const [lines, queued] = [door.takeLines(), door.takeQueued()];
      const secrets = request.headers.flatMap(([header, value]) => (/hubspot/i.test(header) ? [value] : []));
      const longSecrets = secrets.filter((value) => value.length > 8);
      expect(answer.body).toMatch(ANSWERS);
      expect(answer.headers.filter((header) => !HEADERS.includes(header.toLowerCase()))).toEqual([]);
      expect(findTexts(lines.join('\n'), longSecrets)).toEqual([]);
      return { status: answer.status, lines, queued };
    }
    const knockSigned = (body: Buffer, timestamp = String(SIGNED_AT)) =>
      knock(requestOf(door.origin, { signed: { body, timestamp } }));
    const isClientError = (status: number) => status >= 400 && status < 500;

    async function expectRefusal(request: SentRequest): Promise<void> {
      const { status, lines, queued } = await knock(request);
      expect(status).toSatisfy(isClientError);
      expect(queued).toEqual([]);
      expect(lines.filter((line) => door.refusalLine?.test(line) !== true)).toEqual([]);
    }

    it('refuses what HubSpot did not sign, queues nothing and logs nothing', async () => {
      await fc.assert(
        fc.asyncProperty(forgery, (each) => expectRefusal(requestOf(door.origin, each))),
        { numRuns },
      );
    });

    it('queues of a signed body the threads that it asks for, or refuses all of it', async () => {
      await fc.assert(
        fc.asyncProperty(hostileBody, async (body) => {
          const { status, queued } = await knockSigned(body);
          const asked = threadsAskedFor(body);
          const threads = queued.map((text) => parseQueuedThread(text));

          expect(status).toBeOneOf(asked === undefined ? [400] : [200, 400]);
          expect(new Set(threads.map((thread) => thread?.threadId))).toEqual(
            new Set(status === 200 ? asked : []),
          );
          for (const text of queued) expect(text).toMatch(SQS_TEXT);
          for (const thread of threads) {
            expect(thread?.portalId).toBe('62515');
            expect(Math.abs(SIGNED_AT - thread!.occurredAt)).toBeLessThan(8 * 86_400_000);
          }
        }),
        { numRuns },
      );
    });

    it.each(EXPENSIVE_BODIES)('refuses %s, signed or not', async (_, body) => {
      const signed = await knockSigned(body);
      await expectRefusal(requestOf(door.origin, { sent: { body } }));

      expect(signed).toMatchObject({ status: body.length > 1_048_576 ? 413 : 400, queued: [] });
    });

    it('takes a proper webhook, its headers in any case', async () => {
      const { method, target, headers, body } = requestOf(door.origin, {});
      const change = fc.constantFrom<((text: string) => string)[]>(
        (text) => text.toLowerCase(),
        (text) => text.toUpperCase(),
        (text) => text,
      );
      await fc.assert(
        fc.asyncProperty(change, async (convert) => {
          const changed = headers.map(([header, value]): [string, string] => [convert(header), value]);
          const { status, queued, lines } = await knock({ method, target, headers: changed, body });
          expect({ status, queued: queued.length }).toEqual({ status: 200, queued: 1 });
          expect(lines.join('\n')).toContain('accepted');
        }),
        { numRuns: 10 },
      );
    });

    it('takes a URL with escapes as HubSpot signs it', async () => {
      const target = '/webhook?to=a%2Fb%40c%20d%2B%2b%27&q=%C3%A9';
      const { headers } = requestOf(door.origin, {
        signed: { target: "/webhook?to=a/b@c%20d%2B%2b'&q=%C3%A9" },
      });

      const { status } = await knock({ ...requestOf(door.origin, { signed: { target } }), headers });

      expect(status).toBe(200);
    });

    it('refuses a replay outside five minutes, and takes the same events signed anew', async () => {
      const body = Buffer.from(JSON.stringify([newMessageEvent()]));
      const request = requestOf(door.origin, { signed: { body } });
      door.wait(300_001);

      expect((await knock(request)).status).toBe(401);
      expect((await knockSigned(body, String(SIGNED_AT + 300_001))).status).toBe(200);
      door.wait(86_400_000);
      await expectRefusal(request);
    });

    it.each(['queue', 'secret'] as const)(
      'answers 503 while its %s fails, without a word about it, and takes the repetition',
      async (part) => {
        const body = Buffer.from(JSON.stringify([newMessageEvent()]));
        door.setBroken(part);

        expect(await knockSigned(body)).toMatchObject({ status: 503, queued: [] });
        await expectRefusal(requestOf(door.origin, { headers: { 'X-HubSpot-Signature-v3': [] } }));
        door.setBroken(undefined);
        // HubSpot waits about a minute before it repeats.
        door.wait(60_000);

        const { status, queued } = await knockSigned(body, String(SIGNED_AT + 60_000));
        expect({ status, queued: queued.length }).toEqual({ status: 200, queued: 1 });
      },
    );
  });
}
