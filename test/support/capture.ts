import { createCaptureThread } from '../../functions/archive/capture.ts';
import { partKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { fakeConversations, hubSpotMessage, THREAD } from './conversation.ts';
import { recordingStore } from './recording-store.ts';

/** Key of the thread's record. */
export const RECORD = threadRecordKey(THREAD);
/** Key of its part of a day. */
export const part = (dt: string) => partKey({ ...THREAD, dt });
/** For a HubSpot whose messages are all listed whole. */
const noOriginal = () => Promise.reject(new Error('no original was expected to be asked for'));
/** HubSpot's time before it is asked for the first time. */
export const NOON = Date.UTC(2026, 1, 2, 12);

/**
 * An archive and a HubSpot of three messages on two days, and a capture between them. HubSpot's clock moves on a second
 * each time it is asked.
 */
export function captureSetUp() {
  const archive = recordingStore();
  const hubSpot = fakeConversations([
    hubSpotMessage('m1', '2026-01-31T10:00:00Z'),
    hubSpotMessage('m2', '2026-01-31T23:59:59.999Z'),
    hubSpotMessage('m3', '2026-02-01T00:00:00Z'),
  ]);
  let nowMs = NOON;
  hubSpot.state.answeredAt = () => (nowMs += 1000);
  const capture = createCaptureThread({
    conversations: hubSpot.conversations,
    apiVersion: 'v3',
    store: archive.store,
    sources: { getOriginal: noOriginal, files: undefined },
    settlingMs: 5_000,
  });
  const captureThread = (messageIds: string[] = [], requestId = 'request-1') =>
    capture({ ...THREAD, announced: { messageIds, occurredAt: nowMs, firstTry: true }, requestId });
  return { archive, hubSpot: hubSpot.state, captureThread, capture };
}
