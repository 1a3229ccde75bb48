import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { gunzipQuickly, gzipQuickly } from './stored-gzip.ts';

/**
 * Takes real time out of the code under test. Import it before any of the product: gzip is done at once and not on a
 * thread, so that how long it takes decides nothing; and a time-out of a call is a mark on its signal that the simulated
 * HubSpot reads, on the virtual clock.
 */

type Callback = (error: Error | null, result?: Buffer) => void;
type Compress = (bytes: Buffer, options: zlib.ZlibOptions) => Buffer;

function atOnce(compress: Compress) {
  return (bytes: Buffer, ...rest: [Callback] | [zlib.ZlibOptions, Callback]): void => {
    const [options, callback] = rest.length === 1 ? [{}, rest[0]] : rest;
    try {
      callback(null, compress(bytes, options));
    } catch (error) {
      callback(error as Error);
    }
  };
}

// Nothing is ever aborted, so one signal does for all calls of a kind.
const signals = new Map<number, AbortSignal>();
const timeouts = new Map<AbortSignal, number>();

Object.assign(zlib, {
  gzip: atOnce(gzipQuickly),
  gunzip: atOnce(gunzipQuickly),
});
syncBuiltinESMExports();
AbortSignal.timeout = (ms) => {
  const signal = signals.get(ms) ?? new AbortController().signal;
  signals.set(ms, signal);
  timeouts.set(signal, ms);
  return signal;
};

/** How long a call with this signal may take, in milliseconds. */
export function timeLimitOf(signal: AbortSignal | null | undefined): number {
  return (signal && timeouts.get(signal)) ?? Infinity;
}
