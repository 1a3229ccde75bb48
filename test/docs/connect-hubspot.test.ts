import { describe, expect, it } from 'vitest';
import { THREAD_EVENT_TYPES } from '../../functions/hubspot/events.ts';
import { codeBlocks, readDocument } from './markdown.ts';

type Subscription = { subscriptionType: string; propertyName?: string; active: boolean };
type WebhooksFile = {
  type: string;
  config: {
    settings: { targetUrl: string; maxConcurrentRequests: number };
    subscriptions: { hubEvents: Subscription[] };
  };
};

const jsonFilesOf = (document: string) =>
  codeBlocks(readDocument(document), 'json').map((text) => JSON.parse(text) as { type: string });

describe('the webhooks-hsmeta.json', () => {
  const files = jsonFilesOf('docs/connect-hubspot.md').filter(
    ({ type }) => type === 'webhooks',
  ) as WebhooksFile[];
  const { settings, subscriptions } = files[0]!.config;

  it('subscribes to the events that say something about a thread, and to no others', () => {
    const types = subscriptions.hubEvents.map(({ subscriptionType }) => subscriptionType);

    expect(files).toHaveLength(1);
    expect(Object.keys(subscriptions)).toEqual(['hubEvents']);
    expect(new Set(types)).toEqual(THREAD_EVENT_TYPES);
    expect(subscriptions.hubEvents.every(({ active }) => active)).toBe(true);
  });

  it('names the property of each property change, and of nothing else', () => {
    const properties = subscriptions.hubEvents.map(({ subscriptionType, propertyName }) =>
      subscriptionType === 'conversation.propertyChange' ? propertyName : `none: ${String(propertyName)}`,
    );

    expect(properties.filter((property) => property !== 'none: undefined')).toEqual([
      'status',
      'assignedTo',
      'isArchived',
    ]);
  });

  it('has the route of the stack as its target', () => {
    expect(settings.targetUrl).toMatch(/^https:\/\/[\w.-]+\.amazonaws\.com\/webhook$/);
  });
});

describe('the app-hsmeta.json', () => {
  it('asks for reading conversations and the files in them, and nothing more', () => {
    const [app] = jsonFilesOf('docs/connect-hubspot.md').filter(({ type }) => type === 'app');

    expect(app).toMatchObject({
      config: {
        distribution: 'private',
        auth: {
          type: 'static',
          requiredScopes: ['conversations.read', 'files.ui_hidden.read'],
          optionalScopes: [],
          conditionallyRequiredScopes: [],
        },
      },
    });
  });
});
