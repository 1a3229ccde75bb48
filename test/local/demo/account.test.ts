import { expect, it } from 'vitest';
import { findFreeAccount } from '../../../local/demo/account.ts';
import { recordingStore } from '../../support/recording-store.ts';

it('each run has the first account of which the archive has no thread', async () => {
  const archive = recordingStore();
  expect(await findFreeAccount(archive.store)).toBe(62_515);

  for (const portalId of ['62515', '62516', '625170'])
    archive.overwrite(`threads/portal_id=${portalId}/1.json`, Buffer.from('{}'));

  expect(await findFreeAccount(archive.store)).toBe(62_517);
});
