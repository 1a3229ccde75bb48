import { QueueError } from '../../functions/errors.ts';
import { clientSecretSchema, createSecret } from '../../functions/secrets.ts';
import { createReceiveWebhook } from '../../functions/webhook/receive.ts';
import { MARKERS } from '../simulation/markers.ts';
import { DOOR_SECRET } from './forgeries.ts';
import { SIGNED_AT } from './webhook.ts';

/** The receiver's logic with the real cache of the secret, at SIGNED_AT, over a queue and a secret that can be broken. */
export function breakableReceiver() {
  let now = SIGNED_AT;
  let broken: 'queue' | 'secret' | undefined;
  const queued: string[] = [];
  const readSecret = () =>
    broken === 'secret'
      ? Promise.reject(new Error(MARKERS.error))
      : Promise.resolve(JSON.stringify({ current: DOOR_SECRET }));
  const receive = createReceiveWebhook({
    portals: ['62515'],
    clientSecret: createSecret(readSecret, {
      name: 'client secret',
      schema: clientSecretSchema,
      now: () => now,
    }),
    sendThreads: (threads) => {
      if (broken === 'queue') return Promise.reject(new QueueError('SQS refused 1 of 1 entries: Busy'));
      queued.push(...threads.map((thread) => JSON.stringify(thread)));
      return Promise.resolve();
    },
    now: () => now,
  });
  return {
    receive,
    now: () => now,
    takeQueued: () => queued.splice(0),
    setBroken: (part: typeof broken) => (broken = part),
    wait: (ms: number) => (now += ms),
  };
}
