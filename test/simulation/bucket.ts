import { hash } from 'node:crypto';
import { type ObjectStore, type PutRequest, type StoredObject } from '../../functions/archive/store.ts';
import { ConflictError, StoreError } from '../../functions/errors.ts';
import { type Choice, type Draw } from './choices.ts';
import { callOutside, type Life } from './life.ts';
import { MARKERS } from './markers.ts';
import { contentOf } from './planted-file.ts';
import { type Stage } from './stage.ts';

/** The archive's bucket: versions, conditions, and an etag that is the content's, so that equal contents have equal ones. */
export type Bucket = {
  /** The bucket as a process reaches it. */
  storeFor: (life: Life) => ObjectStore;
  /** What is in it, past all faults. */
  objects: ReadonlyMap<string, StoredObject>;
  /** When the last of the writes takes effect that were given up before they did. */
  lastLateWrite: () => number;
};

/** Sees every write at the moment it takes effect. */
export type Witness = (request: PutRequest, before: StoredObject | undefined) => void;

const PUT_FAULTS = ['refused', 'conflict', 'answer lost', 'repeated', 'late'];

export function createBucket(stage: Stage, witness: Witness): Bucket {
  const { clock, choices } = stage;
  const objects = new Map<string, StoredObject>();
  let writes = 0;
  let lastLateWrite = 0;

  function write(request: PutRequest): { etag: string; versionId: string } {
    const before = objects.get(request.key);
    const expected = 'absent' in request.condition ? undefined : request.condition.etag;
    if (before?.etag !== expected) stage.count('conflict');
    if (before?.etag !== expected) throw new ConflictError(`${request.key} is not as it was read`);
    const body = Buffer.from(request.body);
    const etag = hash('md5', body, 'hex');
    const written = { body, etag, versionId: `v${++writes}` };
    objects.set(request.key, written);
    witness({ ...request, body }, before);
    return { etag, versionId: written.versionId };
  }

  function put(request: PutRequest, { fault, value = 0 }: Choice) {
    switch (fault) {
      case 'refused':
        throw slowDown();
      case 'conflict':
        // 409: another conditional write of the key is under way. Nothing has changed.
        throw new ConflictError(`${request.key} is not as it was read`);
      case 'answer lost':
        write(request);
        throw slowDown();
      case 'repeated':
        // The SDK got no answer to a write that took effect, and sent it again.
        write(request);
        return write(request);
      case 'late':
        // Nothing could put right what it does after the last event.
        if (stage.isGrown) throw slowDown();
        lastLateWrite = Math.max(lastLateWrite, clock.now() + value);
        clock.after(value, () => {
          tryWrite(request);
        });
        throw slowDown();
      case undefined:
      default:
        return write(request);
    }
  }

  function tryWrite(request: PutRequest): void {
    try {
      write(request);
      stage.trace(() => `late put ${nameOf(request.key)}`);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  const storeFor = (life: Life): ObjectStore => ({
    get(key) {
      const place = `get ${nameOf(key)}`;
      const choice = choices.take(place, (random) =>
        stage.draw(random, 'store', () => ({ fault: 'refused' })),
      );
      return callOutside(clock, stage.call(life, place, choice), () => {
        stage.trace(
          () => `${life.name} ${place} -> ${choice.fault ?? objects.get(key)?.versionId ?? 'nothing'}`,
        );
        if (choice.fault !== undefined) throw slowDown();
        const object = objects.get(key);
        return object && { ...object };
      });
    },
    put(request) {
      const place = `put ${nameOf(request.key)}`;
      const choice = choices.take(place, (random) => stage.draw(random, 'store', drawPutFault));
      return callOutside(clock, stage.call(life, place, choice), () => {
        try {
          const written = put(request, choice);
          stage.trace(() => `${life.name} ${place} -> ${written.versionId}`);
          return written;
        } catch (error) {
          stage.trace(() => `${life.name} ${place} -> ${choice.fault ?? ''} ${(error as Error).name}`);
          throw error;
        }
      });
    },
    putFile({ path, ...request }) {
      const { body } = contentOf(path);
      return storeFor(life).put({ ...request, body, condition: { absent: true } });
    },
    describe: async (key) => {
      const object = await storeFor(life).get(key);
      return object && { bytes: object.body.length, sha256: hashOf(object.body) };
    },
    async *list(prefix) {
      await Promise.resolve();
      for (const key of objects.keys()) if (key.startsWith(prefix)) yield key;
    },
  });

  return { storeFor, objects, lastLateWrite: () => lastLateWrite };
}

function drawPutFault(random: Draw): Choice {
  const fault = random.pick(PUT_FAULTS);
  return fault === 'late' ? { fault, value: random.int(1, 90_000) } : { fault };
}

// As s3-store.ts throws it when the SDK has given up; the message of the cause is not ours to repeat.
function slowDown(): StoreError {
  const cause = Object.assign(new Error(`Please reduce your request rate. ${MARKERS.error}`), {
    name: 'SlowDown',
  });
  return new StoreError('S3 answered 503 SlowDown', { status: 503, cause });
}

function hashOf(body: Buffer): string {
  return hash('sha256', body, 'hex');
}

/** `messages/portal_id=62515/dt=2026-11-07/6065362089.json.gz` as `part 6065362089 2026-11-07`. */
function nameOf(key: string): string {
  const [, dt, part] = /dt=([^/]+)\/(\w+)\./.exec(key) ?? [];
  if (part !== undefined) return `part ${part} ${dt ?? ''}`;
  if (key.startsWith('attachments/')) return `file ${key.split('/')[4] ?? key}`;
  return `record ${/([^/]+)\.json$/.exec(key)?.[1] ?? key}`;
}
