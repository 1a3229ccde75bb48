import { describe, expect, it } from 'vitest';
import { changeThread, createThread } from '../../../local/simulated-hubspot/changes.ts';
import { removeActor, removeInbox, renameActor } from '../../../local/simulated-hubspot/directory-changes.ts';
import { call, idsOf, readPages, simulate, V3 } from './client.ts';

const AGENT = 'A-4110231';

describe('the people of the account', () => {
  it('may have another name from one moment to the next, and may be gone', () => {
    const hubspot = simulate();
    const agent = () => call(hubspot, `${V3}/actors/${AGENT}`);
    const before = agent().json;

    renameActor(hubspot.world, AGENT, 'Ruth Okoro');
    expect(agent().json).toEqual({ ...before, name: 'Ruth Okoro' });
    removeActor(hubspot.world, AGENT);

    expect(agent().status).toBe(404);
    expect(() => {
      removeActor(hubspot.world, AGENT);
    }).toThrow(RangeError);
    expect(() => {
      renameActor(hubspot.world, AGENT, 'Ruth');
    }).toThrow(RangeError);
  });

  it('are those of one account and of no other', () => {
    const [one, other] = [simulate(), simulate()];

    renameActor(one.world, AGENT, 'Ruth Okoro');
    removeInbox(one.world, '104531');

    expect(call(other, `${V3}/actors/${AGENT}`).json['name']).toBe('Ruth Adeyemi');
    expect(call(other, `${V3}/inboxes/104531`).status).toBe(200);
  });
});

describe('an inbox', () => {
  it('may be gone, with the accounts whose conversations went there', () => {
    const hubspot = simulate();

    removeInbox(hubspot.world, '104531');

    expect(idsOf(readPages(hubspot, `${V3}/inboxes`))).toEqual(['104530', '104532']);
    expect(call(hubspot, `${V3}/inboxes/104531`).status).toBe(404);
    expect(idsOf(readPages(hubspot, `${V3}/channel-accounts`))).not.toContain('2004');
    expect(() => {
      removeInbox(hubspot.world, '104531');
    }).toThrow('there is no inbox 104531');
  });
});

describe('a thread', () => {
  it('may change its status and assignee without an entry in its history', () => {
    const hubspot = simulate();
    const { threadId } = createThread(hubspot.world, { visibleAfterMs: 0 });
    const thread = () => call(hubspot, `${V3}/threads/${threadId}`).json;

    const events = [
      ...changeThread(hubspot.world, threadId, { status: 'CLOSED' }),
      ...changeThread(hubspot.world, threadId, { assignedTo: AGENT }),
    ];

    expect(thread()).toMatchObject({ status: 'CLOSED', closedAt: '2023-11-07T12:00:00Z', assignedTo: AGENT });
    expect(events).toMatchObject([
      { subscriptionType: 'conversation.propertyChange', propertyName: 'status', propertyValue: 'CLOSED' },
      { subscriptionType: 'conversation.propertyChange', propertyName: 'assignedTo', propertyValue: AGENT },
    ]);
    expect(changeThread(hubspot.world, threadId, { assignedTo: undefined })).toMatchObject([
      { propertyValue: '' },
    ]);
    changeThread(hubspot.world, threadId, { status: 'OPEN' });
    expect(thread()).not.toHaveProperty('closedAt');
    expect(readPages(hubspot, `${V3}/threads/${threadId}/messages`)[0]?.results).toEqual([]);
  });
});
