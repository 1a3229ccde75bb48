import { type CaptureOutcome, type CaptureRequest } from '../archive/capture.ts';
import { createEraseThread, type EraseDeps } from './erase-thread.ts';

/**
 * Erasing, in the place that capturing has on the other roads: the same records, tries and waits. A thread that must be
 * visited again is `unfinished`.
 * @throws what {@link createEraseThread} throws
 */
export function createEraseCapture(deps: EraseDeps): (request: CaptureRequest) => Promise<CaptureOutcome> {
  const eraseThread = createEraseThread(deps);
  return async ({ portalId, threadId, requestId, reasons, announced }) => {
    const event = reasons?.[0] ?? '';
    const requestedAt = announced.occurredAt;
    const visit = await eraseThread({ portalId, threadId, requestId, event, requestedAt });
    const { outcome, versions, locked, againAfterSeconds } = visit;
    return {
      status: againAfterSeconds !== undefined ? 'unfinished' : outcome === 'held' ? 'held' : 'erased',
      messages: 0,
      pages: 0,
      partsWritten: 0,
      unseenMessageIds: [],
      erasure: { versions, locked },
      ...(againAfterSeconds !== undefined && { afterSeconds: againAfterSeconds }),
    };
  };
}
