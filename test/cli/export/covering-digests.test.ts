import { expect, it } from 'vitest';
import { findCoveringDigests } from '../../../cli/export/covering-digests.ts';
import { readWhole } from '../../../cli/export/source.ts';
import { partKey, threadRecordKey } from '../../../functions/archive/layout.ts';
import { type Change, encodeDigest } from '../../../functions/digest/digest.ts';
import { digestKey } from '../../../functions/digest/layout.ts';
import { archive, ID, row, sha256 } from './archive.ts';

const AT = '2026-02-03 11:00:00.000';
const PART = partKey({ ...ID, dt: '2026-02-03' });

function written(key: string, content: string, versionId: string | null): Change {
  const facts = { bytes: 1, fetch_started_at: AT, request_id: 'r', at: AT };
  return { event: 'written', key, version_id: versionId, sha256: content, ...facts };
}

/** The bytes of a digest that lists some changes. Who signed it is not looked at. */
function digest(sequence: number, changes: Change[]) {
  const head = { sequence, written_at: AT, written_by: 'r', previous_sha256: null, key_id: 'k' };
  const sign = () => Promise.resolve(Buffer.from('signed'));
  return encodeDigest({ format: 'threadvault-digest-1', ...head, changes }, sign);
}

it('names the digests that list what was read, and of other versions none', async () => {
  const { source, put, putThread } = archive();
  await putThread([row({ id: 'm1' })]);
  const read = [await readWhole(source, PART), await readWhole(source, threadRecordKey(ID))];
  const objects = read.map((each) => each!.object);
  const [part, record] = objects.map(({ key, sha256: content, version_id }) =>
    written(key, content, version_id),
  );
  const first = await digest(0, [part!, written(PART, 'of another content', part!.version_id)]);
  const last = await digest(2, [record!, part!, written(PART, part!.sha256!, 'of another version')]);
  put(digestKey(0), first);
  put(digestKey(1), await digest(1, [written(PART, part!.sha256!, 'of another version')]));
  put(digestKey(2), last);
  put('digests/keys/k.pem', 'a public key');

  expect(await findCoveringDigests(source, objects)).toEqual([
    { key: digestKey(0), sha256: sha256(first), covers: [PART] },
    { key: digestKey(2), sha256: sha256(last), covers: [PART, threadRecordKey(ID)] },
  ]);
});

it('tells an archive without digests from one whose digests list something else', async () => {
  const { source, put } = archive();

  expect(await findCoveringDigests(source, [])).toBeUndefined();

  put(digestKey(0), await digest(0, []));
  expect(await findCoveringDigests(source, [])).toEqual([]);
});
