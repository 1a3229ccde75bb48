import { THREADS_PREFIX } from '../../functions/archive/layout.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';

const FIRST_ACCOUNT = 62_515;

/**
 * The first account, from 62515 on, of which the archive has no thread. Each run of the demonstration is an account of its
 * own, because ids of threads come again from run to run, and a thread that one run has erased stays so for ever.
 */
export async function findFreeAccount(store: ObjectStore): Promise<number> {
  for (let account = FIRST_ACCOUNT; ; account++) if (!(await hasThreads(store, account))) return account;
}

async function hasThreads(store: ObjectStore, account: number): Promise<boolean> {
  for await (const _ of store.list(`${THREADS_PREFIX}portal_id=${account}/`)) return true;
  return false;
}
