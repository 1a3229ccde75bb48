import { describe, expect, it } from 'vitest';
import { MESSAGE_COLUMNS } from '../../../functions/archive/columns/messages.ts';
import { messageRow } from '../../../functions/archive/row.ts';
import { sqlTimestamp, timestampMs } from '../../../functions/archive/timestamp.ts';
import { hubSpotMessage } from '../../support/conversation.ts';

// The fields of the message on HubSpot's reference page, read November 2026, with values filled in.
const full = hubSpotMessage('9b38dc6d5b5744a788931a9cf3a7b225', '2023-11-07T05:31:56Z', {
  conversationsThreadId: '6065362089',
  createdBy: 'A-12',
  client: { clientType: 'INTEGRATION', integrationAppId: 123 },
  senders: [
    {
      actorId: 'A-12',
      deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'help@example.com' },
      name: 'Ada Example',
      senderField: 'FROM',
    },
  ],
  recipients: [
    { deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'bo@example.org' }, recipientField: 'TO' },
  ],
  archived: true,
  attachments: [
    {
      fileId: 77,
      fileUsageType: 'IMAGE',
      type: 'FILE',
      name: 'label.png',
      url: 'https://example.com/label.png',
    },
    { type: 'LOCATION', latitude: 1, longitude: 2 },
  ],
  truncationStatus: 'TRUNCATED',
  direction: 'OUTGOING',
  channelId: '1002',
  channelAccountId: '5',
  updatedAt: '2023-11-07T06:31:56.5+01:00',
  richText: '<p>hi</p>',
  subject: 'Your parcel',
  inReplyToId: 'abc',
  status: { statusType: 'FAILED', failureDetails: { errorMessageTokens: {}, errorMessage: 'mailbox full' } },
});

describe('a row', () => {
  it('has every documented field in its column, and the message as it came', () => {
    expect(messageRow(full, '6065362089', '2026-01-31 10:00:00.000')).toEqual({
      thread_id: '6065362089',
      message_id: '9b38dc6d5b5744a788931a9cf3a7b225',
      type: 'MESSAGE',
      created_at: '2023-11-07 05:31:56.000',
      updated_at: '2023-11-07 05:31:56.500',
      created_by: 'A-12',
      direction: 'OUTGOING',
      channel_id: '1002',
      channel_account_id: '5',
      subject: 'Your parcel',
      text: 'text of 9b38dc6d5b5744a788931a9cf3a7b225',
      rich_text: '<p>hi</p>',
      truncation_status: 'TRUNCATED',
      original_text: null,
      original_rich_text: null,
      status_type: 'FAILED',
      status_error: 'mailbox full',
      in_reply_to_id: 'abc',
      client_type: 'INTEGRATION',
      integration_app_id: '123',
      archived: true,
      assigned_to: null,
      assigned_from: null,
      new_status: null,
      from_inbox_id: null,
      to_inbox_id: null,
      senders: [
        {
          actor_id: 'A-12',
          name: 'Ada Example',
          field: 'FROM',
          delivery_type: 'HS_EMAIL_ADDRESS',
          delivery_value: 'help@example.com',
        },
      ],
      recipients: [
        {
          actor_id: null,
          name: null,
          field: 'TO',
          delivery_type: 'HS_EMAIL_ADDRESS',
          delivery_value: 'bo@example.org',
        },
      ],
      attachments: [
        {
          type: 'FILE',
          file_id: '77',
          name: 'label.png',
          url: 'https://example.com/label.png',
          usage: 'IMAGE',
          archive_key: null,
          sha256: null,
          bytes: null,
        },
        {
          type: 'LOCATION',
          file_id: null,
          name: null,
          url: null,
          usage: null,
          archive_key: null,
          sha256: null,
          bytes: null,
        },
      ],
      observed_at: '2026-01-31 10:00:00.000',
      removed_at: null,
      raw: full.raw,
    });
  });

  it('has the columns of the table, in their order, whatever the message has', () => {
    const unknown = hubSpotMessage('a', '2026-01-31T10:00:00Z', { type: 'HOLOGRAM', wave: [1] });

    for (const message of [full, unknown]) {
      expect(Object.keys(messageRow(message, '1', '2026-01-31 10:00:00.000'))).toEqual(
        Object.keys(MESSAGE_COLUMNS),
      );
    }
  });

  it.each([
    [
      { type: 'ASSIGNMENT', assignedTo: 'A-1', assignedFrom: 'A-2' },
      { assigned_to: 'A-1', assigned_from: 'A-2' },
    ],
    [{ type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' }, { new_status: 'CLOSED' }],
    [
      { type: 'THREAD_INBOX_CHANGE', fromInboxId: '1', toInboxId: '2' },
      { from_inbox_id: '1', to_inbox_id: '2' },
    ],
    [
      { type: 'COMMENT', richText: '<b>x</b>' },
      { type: 'COMMENT', rich_text: '<b>x</b>' },
    ],
    [{ text: '' }, { text: '' }],
    [{ text: undefined }, { text: null }],
  ])('of %j has %j', (fields, columns) => {
    const row = messageRow(
      hubSpotMessage('a', '2026-01-31T10:00:00Z', fields),
      '1',
      '2026-01-31 10:00:00.000',
    );

    expect(row).toMatchObject(columns);
  });

  it('takes the address from the older plural field where the singular is missing', () => {
    const senders = [{ deliveryIdentifiers: [{ type: 'HS_PHONE_NUMBER', value: '+15550100' }] }];

    const row = messageRow(
      hubSpotMessage('a', '2026-01-31T10:00:00Z', { senders }),
      '1',
      '2026-01-31 10:00:00.000',
    );

    expect(row.senders).toMatchObject([{ delivery_type: 'HS_PHONE_NUMBER', delivery_value: '+15550100' }]);
  });
});

describe('a field of another type than expected', () => {
  it.each([
    [
      { text: 5, subject: {}, updatedAt: 'soon', archived: 'yes' },
      { text: null, subject: null, updated_at: null, archived: null },
    ],
    [
      { senders: 'x', recipients: [1, null, []], attachments: {} },
      { senders: [], recipients: [], attachments: [] },
    ],
    [
      { client: [], status: 'SENT' },
      { client_type: null, status_type: null },
    ],
    [
      { channelId: 1002, client: { integrationAppId: 7 } },
      { channel_id: '1002', integration_app_id: '7' },
    ],
    // The next years that four digits do not hold, and times that are another one on each machine.
    [{ updatedAt: '+010000-01-01T00:00:00Z' }, { updated_at: null }],
    [{ updatedAt: '9999-12-31T23:59:59-01:00' }, { updated_at: null }],
    [{ updatedAt: '0000-01-01T00:00:00+01:00' }, { updated_at: null }],
    [{ updatedAt: '2026-01-31T10:00:00' }, { updated_at: null }],
    [{ updatedAt: '1 March' }, { updated_at: null }],
  ])('%j reads as %j', (fields, columns) => {
    const row = messageRow(
      hubSpotMessage('a', '2026-01-31T10:00:00Z', fields),
      '1',
      '2026-01-31 10:00:00.000',
    );

    expect(row).toMatchObject(columns);
  });
});

describe('a text with half of an emoji', () => {
  it('has U+FFFD for it in its columns, and raw has what HubSpot sent', () => {
    const fields = { text: 'so \ud83d', senders: [{ actorId: 'V-1', name: '\ude00 Ann' }] };
    const message = hubSpotMessage('a', '2026-01-31T10:00:00Z', fields);

    const row = messageRow(message, '1', '2026-01-31 10:00:00.000');

    expect(row).toMatchObject({ text: 'so \ufffd', senders: [{ name: '\ufffd Ann' }], raw: message.raw });
    expect(message.raw).toContain(String.raw`so \ud83d`);
  });
});

describe('a timestamp', () => {
  it('goes to text and back', () => {
    const instant = new Date('2023-11-07T05:31:56.007Z');

    expect(sqlTimestamp(instant)).toBe('2023-11-07 05:31:56.007');
    expect(timestampMs('2023-11-07 05:31:56.007')).toBe(instant.getTime());
  });
});
