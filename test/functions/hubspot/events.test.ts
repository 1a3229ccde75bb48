import { describe, expect, it } from 'vitest';
import { parseEvents } from '../../../functions/hubspot/events.ts';
import { newMessageEvent } from '../../support/webhook.ts';

// Recorded in public code, December 2023.
const newMessage = newMessageEvent({
  portalId: 23428445,
  occurredAt: 1702439388898,
  messageId: '9b38dc6d5b5744a788931a9cf3a7b225',
});

const parse = (json: unknown) => parseEvents(Buffer.from(JSON.stringify(json)));

describe('a batch of events', () => {
  it('gives ids as strings and keeps the fields we do not use', () => {
    const [event] = parse([newMessage]);

    expect(event).toMatchObject({
      type: 'conversation.newMessage',
      portalId: '23428445',
      objectId: '6065362089',
      eventId: '3269195544',
      messageId: '9b38dc6d5b5744a788931a9cf3a7b225',
      occurredAt: 1702439388898,
      changeFlag: 'NEW_MESSAGE',
    });
  });

  it('keeps every digit of an id beyond 2^53, as a number or a string', () => {
    const text = '[{"portalId":9007199254740993,"objectId":"12345678901234567890","eventType":"x"}]';

    const [event] = parseEvents(Buffer.from(text));

    expect(event).toMatchObject({ portalId: '9007199254740993', objectId: '12345678901234567890' });
  });

  it('takes eventType for subscriptionType', () => {
    const { subscriptionType, ...rest } = newMessage;

    const [event] = parse([{ ...rest, eventType: subscriptionType }]);

    expect(event?.type).toBe('conversation.newMessage');
  });

  it('passes kinds that it does not know', () => {
    expect(parse([{ ...newMessage, subscriptionType: 'contact.creation' }])[0]?.type).toBe(
      'contact.creation',
    );
    expect(parse([{ portalId: 1, objectId: 2 }])[0]?.type).toBe('unknown');
  });

  it('takes null for what may be missing', () => {
    const nothing = { eventId: null, occurredAt: null, messageId: null, subscriptionType: null };

    const [event] = parse([{ ...newMessage, ...nothing, eventType: 'conversation.creation' }]);

    expect(event).toMatchObject({
      ...{ eventId: undefined, occurredAt: undefined, messageId: undefined, type: 'conversation.creation' },
    });
  });

  it('takes members named like those of every object for what they are', () => {
    const text =
      '[{"portalId":1,"objectId":2,"__proto__":{"messageId":"x"},"constructor":3,"toString":null}]';

    const [event] = parseEvents(Buffer.from(text));

    expect(event?.messageId).toBeUndefined();
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(() => parseEvents(Buffer.from('[{"__proto__":{"portalId":1,"objectId":2}}]'))).toThrow(
      '0.portalId',
    );
  });

  it('may hold somewhat more than the hundred that HubSpot promises, or none', () => {
    expect(parse(Array.from({ length: 1000 }, () => newMessage))).toHaveLength(1000);
    expect(parse([])).toEqual([]);
  });

  it.each([
    ['an object', {}, 'body'],
    ['more than a thousand events', Array.from({ length: 1001 }, () => newMessage), 'body (too_big)'],
    ['an event without an account', [newMessage, { objectId: 1 }], '1.portalId'],
    ['an event without an object', [{ portalId: 1 }], '0.objectId'],
    ['a fractional id', [{ ...newMessage, objectId: 1.5 }], '0.objectId'],
    ['a negative id', [{ ...newMessage, portalId: -1 }], '0.portalId'],
    ['an id with a character that SQS changes', [{ ...newMessage, messageId: 'a\uffff' }], '0.messageId'],
    ['an id with a space', [{ ...newMessage, messageId: 'two words' }], '0.messageId'],
    ['an empty id', [{ ...newMessage, objectId: '' }], '0.objectId'],
    ['an id of 129 characters', [{ ...newMessage, eventId: 'x'.repeat(129) }], '0.eventId'],
    ['an id of the wrong type', [{ ...newMessage, messageId: {} }], '0.messageId'],
    ['a time that is no number', [{ ...newMessage, occurredAt: '2023' }], '0.occurredAt'],
  ])('is refused, saying where, for %s', (_, json, place) => {
    expect(() => parse(json)).toThrow(
      expect.objectContaining({ name: 'MalformedEventsError', message: expect.stringContaining(place) }),
    );
  });

  it.each([
    ['no JSON', Buffer.from('[{')],
    ['nothing', Buffer.alloc(0)],
    ['bytes that are not UTF-8', Buffer.from([0x5b, 0xff, 0x5d])],
  ])('is refused for %s, without a word of the body', (_, body) => {
    expect(() => parseEvents(body)).toThrow('the body is not JSON in UTF-8');
  });
});
