import { type CaptureOutcome, type CaptureRequest } from '../archive/capture.ts';
import { ConflictError } from '../errors.ts';
import { createEraseThread, type EraseDeps } from './erase-thread.ts';

// Captures that find no thread any more come again and again, and may write the record whenever it is read here.
const MAX_ATTEMPTS = 5;

/**
 * Erasing, in the place that capturing has on the other roads: the same records, tries and waits. A thread that must be
 * visited again is `unfinished`. A visit that lost against a capture begins anew at once: were it to wait as long as that
 * one does, it would meet it again.
 * @throws what {@link createEraseThread} throws; ConflictError when it lost five times in a row
 */
export function createEraseCapture(deps: EraseDeps): (request: CaptureRequest) => Promise<CaptureOutcome> {
  const eraseThread = createEraseThread(deps);

  async function visitThread(request: Parameters<typeof eraseThread>[0]): ReturnType<typeof eraseThread> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await eraseThread(request);
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  return async ({ portalId, threadId, requestId, reasons, announced }) => {
    const event = reasons?.[0] ?? '';
    const requestedAt = announced.occurredAt;
    const visit = await visitThread({ portalId, threadId, requestId, event, requestedAt });
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
