import { expect, it } from 'vitest';
import { endedByAnEvent } from '../../../local/demo/story.ts';
import { type GrowthAction } from '../../../local/simulated-hubspot/growth.ts';

const say = (type: 'COMMENT' | 'CALL_SUMMARY'): GrowthAction => ({ kind: 'say', turn: { type, text: 'x' } });
const steps = (threadId: string, actions: GrowthAction[]) =>
  actions.map((action, atMs) => ({ atMs, threadId, action }));

it('what comes after the last event of a thread is left out, and silent steps before one stay', () => {
  const silent: GrowthAction[] = [
    { kind: 'edit' },
    { kind: 'remove' },
    say('CALL_SUMMARY'),
    { kind: 'say', turn: { type: 'THREAD_INBOX_CHANGE', toInboxId: '104531' } },
    { kind: 'say', turn: { type: 'ASSIGNMENT', assignedTo: 'A-4110231' } },
  ];
  const spoken = steps('1', [...silent, say('COMMENT')]);
  const trashed = steps('2', [{ kind: 'edit' }, { kind: 'trash' }]);

  const kept = endedByAnEvent([...spoken, ...steps('1', silent), ...trashed, ...steps('3', silent)]);

  expect(kept).toEqual([...spoken, ...trashed]);
});
