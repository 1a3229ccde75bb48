/**
 * Does the work for each item as it comes, up to so many at a time, and takes the next item only when there is room for
 * it. Ends when nothing is under way any more; then the first failure is thrown, of the source or of the work.
 *
 * p-map promises the same for lists, and is used for them. Over an async source that fails while another item is waited
 * for, its 7.1.1 resolves as if the source had ended, which would make half a thread a whole one.
 */
export async function forEachConcurrently<T>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const item of items) {
      const task = work(item)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(task));
      underWay.add(task);
      if (underWay.size >= limit) await Promise.race(underWay);
      if (failures.length > 0) break;
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}

/**
 * What the work gives for each item, in the order of the items, so many of them at a time.
 * @throws the first failure of the source or of the work
 */
export async function* mapInLots<T, R>(
  items: AsyncIterable<T>,
  size: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  let lot: T[] = [];
  for await (const item of items) {
    lot.push(item);
    if (lot.length < size) continue;
    yield* await Promise.all(lot.map(work));
    lot = [];
  }
  yield* await Promise.all(lot.map(work));
}

/** Does work when its turn has come. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Turns for work of which only so much may be under way at a time, first come first served. */
export function createTurns(limit: number): TakeTurn {
  const line: (() => void)[] = [];
  let free = limit;

  return async (work) => {
    if (free > 0) free--;
    else
      await new Promise<void>((resolve) => {
        line.push(resolve);
      });
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
