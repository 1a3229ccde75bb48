import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 collect garbage before it asks for more memory, so that what a process holds follows from what it works on and
 * not from how long it has worked: pages and parts are garbage as soon as they are written, and by default V8 lets them
 * pile up. Call it once, at the start. The flag cannot come through NODE_OPTIONS; V8 looks at it each time the heap is
 * about to grow, so setting it at run time is enough
 * (https://nodejs.org/docs/latest-v24.x/api/v8.html#v8setflagsfromstringflags, read November 2026). `npm run bench` prints
 * what it comes to.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}
