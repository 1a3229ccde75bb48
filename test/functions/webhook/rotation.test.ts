import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientSecretSchema, createSecret } from '../../../functions/secrets.ts';
import { createReceiveWebhook } from '../../../functions/webhook/receive.ts';
import { RETRY_DELAYS_MS } from '../../../local/simulated-hubspot/webhook-sender.ts';
import { createClock } from '../../simulation/clock.ts';
import { newMessageEvent, signature } from '../../support/webhook.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 23);
const URL_OF_APP = 'https://example.org/webhook';
const BODY = Buffer.from(JSON.stringify([newMessageEvent()]));
/** A read of the secret takes so long. */
const READ_MS = 40;

/** What the operator, HubSpot and others do. Times are milliseconds since the start. */
type Play = {
  /** What Secrets Manager holds, from which time on. */
  puts: { at: number; value: { current: string; previous?: string } }[];
  /** What HubSpot signs with, from which time on. */
  signs: { at: number; secret: string }[];
  /** When Secrets Manager does not answer. */
  outage?: { from: number; until: number };
  webhooks: { at: number; sandbox: number }[];
  forgeries?: { at: number; sandbox: number }[];
};
/** One attempt of HubSpot to deliver a webhook. */
type Attempt = { at: number; secret: string; status: number };

const SANDBOXES = 3;

const latest = <T extends { at: number }>(changes: readonly T[], now: number): T =>
  changes.findLast(({ at }) => at <= now)!;

/** Plays it on a virtual clock, with the real cache in each of several warm sandboxes, until HubSpot has no more to send. */
async function play({ puts, signs, outage, webhooks, forgeries = [] }: Play) {
  const clock = createClock(START);
  const now = () => clock.now() - START;
  const sandboxes = Array.from({ length: SANDBOXES }, () => {
    const reads: number[] = [];
    const read = (): Promise<string> => {
      reads.push(now());
      const isOut = outage !== undefined && now() >= outage.from && now() < outage.until;
      const text = JSON.stringify(latest(puts, now()).value);
      return new Promise((resolve, reject) => {
        clock.after(READ_MS, () => {
          if (isOut) reject(new Error('throttled'));
          else resolve(text);
        });
      });
    };
    const receive = createReceiveWebhook({
      portals: ['62515'],
      clientSecret: createSecret(read, { name: 'test', schema: clientSecretSchema, now: clock.now }),
      sendThreads: () => Promise.resolve(),
      now: clock.now,
    });
    return { reads, receive };
  });

  async function post(secret: string, sandbox: number): Promise<number> {
    const timestamp = String(clock.now());
    const headers = {
      'x-hubspot-signature-v3': signature({ url: URL_OF_APP, body: BODY, secret, timestamp }),
      'x-hubspot-request-timestamp': timestamp,
    };
    const request = { method: 'POST', url: URL_OF_APP, headers, body: BODY, requestId: 'r' };
    return (await sandboxes[sandbox % SANDBOXES]!.receive(request)).status;
  }
  const deliveries = webhooks.map(() => [] as Attempt[]);
  webhooks.forEach(({ at, sandbox }, i) => {
    const attempt = (): void => {
      const { secret } = latest(signs, now());
      const sentAt = now();
      void post(secret, sandbox + deliveries[i]!.length).then((status) => {
        const delay = RETRY_DELAYS_MS[deliveries[i]!.push({ at: sentAt, secret, status }) - 1];
        if (status !== 200 && delay !== undefined) clock.after(delay, attempt);
      });
    };
    clock.after(at, attempt);
  });
  const forged: number[] = [];
  for (const { at, sandbox } of forgeries) {
    clock.after(at, () => void post('a guess', sandbox).then((status) => forged.push(status)));
  }
  await clock.run({ isWorking: () => false, maxSteps: 100_000 });
  return { deliveries, attempts: deliveries.flat(), forged, reads: sandboxes.map(({ reads }) => reads) };
}

const isDelivered = (attempts: Attempt[]) => attempts.at(-1)?.status === 200;
const requests = (maxLength: number, max: number) =>
  fc.array(fc.record({ at: fc.integer({ min: 0, max }), sandbox: fc.nat(SANDBOXES - 1) }), { maxLength });
/** Webhooks now and then, and several at one moment when something changes. */
const webhooksAround = (moments: number[], random: Play['webhooks']): Play['webhooks'] => [
  ...random,
  ...moments.flatMap((at) =>
    [0, 0, 1, 2, 2].map((sandbox, i) => ({ at: Math.max(0, at + i * 10 * SECOND), sandbox })),
  ),
];
const gaps = (times: number[]) => times.slice(1).map((time, i) => time - times[i]!);
const numRuns = Number(process.env['WEBHOOK_FUZZ_RUNS'] ?? 60);

describe('a rotation of the client secret', () => {
  it('loses no webhook, whenever HubSpot begins to sign with the new one', async () => {
    const switchAt = fc.integer({ min: 0, max: 2 * HOUR });
    const putAt = HOUR;
    await fc.assert(
      fc.asyncProperty(
        switchAt,
        requests(40, 3 * HOUR),
        requests(20, 3 * HOUR),
        async (at, some, forgeries) => {
          const { deliveries, attempts, forged } = await play({
            puts: [
              { at: 0, value: { current: 'old' } },
              { at: putAt, value: { current: 'new', previous: 'old' } },
              { at: 25 * HOUR, value: { current: 'new' } },
            ],
            signs: [
              { at: 0, secret: 'old' },
              { at, secret: 'new' },
            ],
            webhooks: webhooksAround([putAt - 10 * SECOND, putAt, at, 25 * HOUR, 26 * HOUR], some),
            forgeries,
          });

          expect(deliveries.every(isDelivered)).toBe(true);
          // Only what was signed with a secret that nobody has put yet, or within half a minute of it, has to come again.
          const refused = attempts.filter(({ status }) => status !== 200);
          expect(refused.filter(({ secret, status }) => secret !== 'new' || status !== 401)).toEqual([]);
          expect(refused.filter((attempt) => attempt.at > putAt + 30 * SECOND + READ_MS)).toEqual([]);
          expect(forged.filter((status) => status !== 401)).toEqual([]);
        },
      ),
      { numRuns },
    );
  });

  it('in which the old secret was forgotten loses none either when that is put right within 15 hours', async () => {
    const repairAt = fc.integer({ min: HOUR, max: 16 * HOUR });
    await fc.assert(
      fc.asyncProperty(repairAt, requests(30, 17 * HOUR), fc.boolean(), async (at, some, bySwitching) => {
        const { deliveries, attempts } = await play({
          puts: [
            { at: 0, value: { current: 'old' } },
            { at: HOUR, value: { current: 'new' } },
            ...(bySwitching ? [] : [{ at, value: { current: 'new', previous: 'old' } }]),
          ],
          signs: [{ at: 0, secret: 'old' }, ...(bySwitching ? [{ at, secret: 'new' }] : [])],
          webhooks: webhooksAround([HOUR, at], some),
        });

        expect(deliveries.every(isDelivered)).toBe(true);
        const refused = attempts.filter(({ status }) => status !== 200);
        expect(refused.filter(({ status }) => status !== 401)).toEqual([]);
        expect(refused.filter((each) => each.at < HOUR || each.at > at + 30 * SECOND + READ_MS)).toEqual([]);
      }),
      { numRuns },
    );
  });
});

describe('a flood of forged requests', () => {
  const everySecond = (until: number) =>
    Array.from({ length: until / SECOND }, (_, i) => ({ at: i * SECOND, sandbox: i }));
  const signs = [{ at: 0, secret: 'old' }];
  const puts = [{ at: 0, value: { current: 'old' } }];

  it('has the secret read once in 30 seconds, and keeps no webhook out', async () => {
    const webhooks = everySecond(10 * MINUTE).filter((_, i) => i % 20 === 0);

    const { attempts, forged, reads } = await play({
      ...{ puts, signs, webhooks },
      forgeries: [0, 1, 2].flatMap(() => everySecond(10 * MINUTE)),
    });

    expect(new Set(forged)).toEqual(new Set([401]));
    expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([200]));
    for (const times of reads) {
      expect(times.length).toBeGreaterThan(15);
      expect(Math.min(...gaps(times))).toBeGreaterThan(30 * SECOND);
    }
  });

  it('takes no webhook down with it while Secrets Manager does not answer', async () => {
    const { attempts, reads } = await play({
      ...{ puts, signs },
      outage: { from: 2 * MINUTE, until: 50 * MINUTE },
      webhooks: everySecond(55 * MINUTE).filter((_, i) => i % 7 === 0),
      forgeries: everySecond(55 * MINUTE).filter((_, i) => i % 4 === 0),
    });

    expect(attempts.filter(({ status }) => status !== 200)).toEqual([]);
    for (const times of reads) expect(Math.min(...gaps(times))).toBeGreaterThan(30 * SECOND);
  });

  it('has the secret asked for every five seconds while nobody has it', async () => {
    const { forged, reads } = await play({
      ...{ puts, signs },
      outage: { from: 0, until: 5 * MINUTE },
      webhooks: [],
      forgeries: everySecond(5 * MINUTE),
    });

    expect(new Set(forged)).toEqual(new Set([503]));
    for (const times of reads) expect(Math.min(...gaps(times))).toBeGreaterThan(5 * SECOND);
  });
});
