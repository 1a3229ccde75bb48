import {
  type CaptureDeps,
  type CaptureOutcome,
  type CaptureRequest,
  createCaptureThread,
} from '../archive/capture.ts';
import { type HoldPutter } from '../archive/store.ts';
import { withHeldWrites } from './held-writes.ts';

/**
 * Captures, of which every version is held that belongs to a held thread.
 * @throws what {@link createCaptureThread} throws
 */
export function createHeldCapture({
  locks,
  ...deps
}: CaptureDeps & { locks: HoldPutter }): (request: CaptureRequest) => Promise<CaptureOutcome> {
  return (request) =>
    withHeldWrites(deps.store, request, {
      locks,
      work: (store) => createCaptureThread({ ...deps, store })(request),
    });
}
