import { expect, it } from 'vitest';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { fakeConversations, hubSpotMessage, THREAD } from '../../support/conversation.ts';
import { recordingStore } from '../../support/recording-store.ts';

it('a capture notes every actor that the thread and its messages name, in every place where they do', async () => {
  const { state, conversations } = fakeConversations([
    hubSpotMessage('m1', '2026-01-31T10:00:00Z', {
      createdBy: 'author',
      senders: [{ actorId: 'sender' }, { name: 'without an id' }],
      recipients: [{ actorId: 'recipient' }],
    }),
    hubSpotMessage('m2', '2026-01-31T11:00:00Z', {
      assignedTo: 'assigned to',
      assignedFrom: 'assigned from',
    }),
  ]);
  state.thread = { ...state.thread, assignedTo: 'assignee' };
  state.pageSize = 1;
  const noted = new Set<string | null>();
  const captureThread = createCaptureThread({
    conversations,
    apiVersion: 'v3',
    store: recordingStore().store,
    sources: { getOriginal: () => Promise.reject(new Error('no original')), files: undefined },
    settlingMs: 0,
    noteActors: (portalId, actorIds) => {
      expect(portalId).toBe(THREAD.portalId);
      for (const id of actorIds) noted.add(id);
    },
  });
  const announced = { messageIds: [], occurredAt: 0, firstTry: true };

  await captureThread({ ...THREAD, announced, requestId: 'request-1' });

  expect([...noted].filter((id) => id !== null).toSorted()).toEqual([
    ...['assigned from', 'assigned to', 'assignee', 'author', 'recipient', 'sender'],
  ]);
});
