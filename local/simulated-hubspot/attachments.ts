import { type JsonObject } from './json-text.ts';
import { type Random } from './random.ts';

/** A file that the Files API knows because a message has it attached. */
export type SimulatedFile = {
  fileId: string;
  name: string;
  extension: string;
  type: string;
  sizeBytes: number;
};
/** An attachment as the message shows it, and the file behind it where there is one. */
export type Attachment = { fields: JsonObject; file?: SimulatedFile };

/** The eight kinds of attachment that the API has; anything else would be a new one. */
export const ATTACHMENT_TYPES = [
  'FILE',
  'LOCATION',
  'CONTACT',
  'UNSUPPORTED_CONTENT',
  'MESSAGE_HEADER',
  'QUICK_REPLIES',
  'WHATSAPP_TEMPLATE_METADATA',
  'SOCIAL_MEDIA_METADATA',
] as const;
/** One of the eight kinds of attachment. */
export type AttachmentType = (typeof ATTACHMENT_TYPES)[number];

/** A number that a JavaScript number would round to …992: int64 fields have such values. */
export const BEYOND_SAFE_INTEGER = 9_007_199_254_740_993n;

const FILES = [
  { name: 'broken hinge.jpg', extension: 'jpg', type: 'IMG', fileUsageType: 'IMAGE' },
  { name: 'Rechnung März.pdf', extension: 'pdf', type: 'DOCUMENT', fileUsageType: 'OTHER' },
  { name: 'voice note.ogg', extension: 'ogg', type: 'AUDIO', fileUsageType: 'VOICE_RECORDING' },
  { name: '../../etc/passwd', extension: 'txt', type: 'DOCUMENT', fileUsageType: 'OTHER' },
  { name: '写真 📷.png', extension: 'png', type: 'IMG', fileUsageType: 'STICKER' },
];

/** The attachments of a message: none as a rule, now and then one of any kind, most often a file. */
export function inventAttachments(random: Random): Attachment[] {
  if (!random.chance(0.12)) return [];
  const first = random.chance(0.5) ? 'FILE' : random.pick(ATTACHMENT_TYPES);
  return random.chance(0.15)
    ? [inventAttachment(random, first), inventAttachment(random, 'FILE')]
    : [inventAttachment(random, first)];
}

/**
 * An attachment of this kind. Members as in HubSpot's public specification of the conversations API
 * (https://github.com/HubSpot/HubSpot-public-api-spec-collection, read November 2026).
 */
function inventAttachment(random: Random, type: AttachmentType): Attachment {
  switch (type) {
    case 'FILE':
      return inventFile(random);
    case 'LOCATION': {
      const place = random.chance(0.5)
        ? { name: 'Warehouse', address: 'Example Street 1', url: 'https://maps.example.com/1' }
        : {};
      return { fields: { type, latitude: 36.7213 + random.next(), longitude: -4.4214, ...place } };
    }
    case 'CONTACT':
      return { fields: { type, contactProfile: inventContact(random) } };
    case 'UNSUPPORTED_CONTENT':
      return { fields: { type } };
    case 'MESSAGE_HEADER': {
      const number = random.int(0, 1000);
      const fileId = BEYOND_SAFE_INTEGER + BigInt(number);
      const file = {
        fileId: String(fileId),
        name: 'header',
        extension: 'png',
        type: 'IMG',
        sizeBytes: 500 + number,
      };
      return { fields: { type, fileId, text: 'Your parcel' }, file };
    }
    case 'QUICK_REPLIES':
      return { fields: { type, ...QUICK_REPLIES } };
    case 'WHATSAPP_TEMPLATE_METADATA': {
      const crmObjectIds = { '0-1': BigInt(random.int(1, 99_999)), 'free key "x"': BEYOND_SAFE_INTEGER };
      return {
        fields: {
          type,
          parameters: { '1': 'Ana', 'body.name': 'Zoë' },
          crmObjectIds,
          rootMicId: BEYOND_SAFE_INTEGER,
        },
      };
    }
    case 'SOCIAL_MEDIA_METADATA':
      return {
        fields: {
          type,
          socialMetadata: { mediaType: 'STORY', id: random.hex(12), mediaTitle: 'Our summer 🌞' },
        },
      };
  }
}

const QUICK_REPLIES: JsonObject = {
  quickReplies: [
    { value: 'Yes', valueType: 'TEXT', label: 'Yes' },
    { value: 'https://example.com/help', valueType: 'URL' },
  ],
  allowUserInput: true,
  allowMultiSelect: false,
};

function inventFile(random: Random): Attachment {
  const { fileUsageType, ...kind } = random.pick(FILES);
  const fileId = String(random.int(10_000_000_000, 999_999_999_999));
  const file: SimulatedFile = { ...kind, fileId, sizeBytes: random.int(200, 20_000) };
  // A link of this kind leads to a page that asks for a login: the stored `url` is not the file.
  const url = `https://files.example.net/signed-url-redirect/${fileId}`;
  const name = random.chance(0.85) ? kind.name : undefined;
  return {
    fields: { type: 'FILE', fileId, fileUsageType, name, url: random.chance(0.8) ? url : undefined },
    file,
  };
}

function inventContact(random: Random): JsonObject {
  return {
    name: { firstName: 'Tomasz', lastName: 'Kowalski' },
    emails: [{ email: `tomasz${random.int(1, 99)}@example.net`, type: 'WORK' }],
    phones: [{ phone: '+15550100', type: 'CELL' }],
    addresses: [],
    urls: [],
  };
}
