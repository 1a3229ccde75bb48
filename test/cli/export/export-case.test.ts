import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { exportCase } from '../../../cli/export/export-case.ts';
import { type ExportCommand } from '../../../cli/export/options.ts';
import { actorKey, partKey, threadRecordKey } from '../../../functions/archive/layout.ts';
import { encodePart } from '../../../functions/archive/part.ts';
import { archive, command, ID, row, sha256 } from './archive.ts';

const THREAD = `threads/${ID.portalId}/${ID.threadId}`;
const made: string[] = [];
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true });
});

/** Exports into a folder of its own, and reads what came out. */
async function run(
  from: ReturnType<typeof archive>,
  changes: Partial<ExportCommand> = {},
  now = new Date(0),
) {
  const place = await mkdtemp(path.join(tmpdir(), 'threadvault-export-'));
  made.push(place);
  const folder = path.join(place, 'export');
  const deps = {
    source: from.source,
    folder,
    scratch: path.join(place, 'scratch'),
    now,
    toolVersion: '0',
    settlingMs: 0,
  };
  const exported = await exportCase(command(changes), deps);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    files.set(path.relative(folder, file), await readFile(file));
  }
  const text = (name: string) => files.get(name)?.toString() ?? '';
  const manifest = JSON.parse(text('manifest.json')) as {
    files: {
      path: string;
      sha256: string;
      bytes: number;
      sources: { key: string; sha256: string; archive_sha256: string }[];
    }[];
    problems: { problem: string; key: string; message_id: string | null }[];
    threads: { outside_the_days: { before: { messages: number }; after: { messages: number } } }[];
  };
  return { ...exported, files, text, manifest, transcript: text(`${THREAD}/transcript.html`) };
}

const FILE_KEY = `attachments/portal_id=62515/${ID.threadId}/m1/9/broken hinge.jpg`;
function withFile(content: string, recorded = content) {
  const message = row({ id: 'm1' });
  const attachment = {
    ...{ type: 'FILE', file_id: '9', name: 'broken hinge.jpg', url: null, usage: null },
    ...{ archive_key: FILE_KEY, sha256: sha256(recorded), bytes: recorded.length },
  };
  return { ...message, attachments: [attachment], content };
}

describe('an export', () => {
  it('has in its manifest every file, with its SHA-256, and in its request the SHA-256 of the manifest', async () => {
    const from = archive();
    const { content, ...message } = withFile('a picture');
    await from.putThread([message]);
    from.put(FILE_KEY, content);

    const { files, manifest, text, requestSha256 } = await run(from);

    const listed = manifest.files.map(({ path: name, sha256: digest, bytes }) => [name, digest, bytes]);
    const there = [...files].filter(([name]) => name !== 'manifest.json' && name !== 'request.json');
    expect(listed).toEqual(there.map(([name, body]) => [name, sha256(body), body.length]).sort());
    expect(JSON.parse(text('request.json'))).toMatchObject({
      manifest_sha256: sha256(text('manifest.json')),
    });
    expect(requestSha256).toBe(sha256(text('request.json')));
    expect(text(`${THREAD}/attachments/m1/9/broken hinge.jpg`)).toBe('a picture');
  });

  it('has each row byte for byte, and the object it comes from with what the archive says of it', async () => {
    const from = archive();
    const rows = [row({ id: 'm1', text: 'a\u2028b \u{1F469}\u200D\u{1F467}' }), row({ id: 'm2', big: 1 })];
    await from.putThread(rows);

    const { text, manifest } = await run(from);

    expect(text(`${THREAD}/messages.ndjson`)).toBe(rows.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const { sources = [] } = manifest.files.find(({ path: name }) => name.endsWith('messages.ndjson')) ?? {};
    expect(sources).toMatchObject([{ key: partKey({ ...ID, dt: '2026-02-03' }) }]);
    expect(sources[0]?.sha256).toBe(sources[0]?.archive_sha256);
  });

  it('is the same for the same archive and request, but for the request', async () => {
    const from = archive();
    await from.putThread([row({ id: 'm1' }), row({ id: 'm2', createdAt: '2026-02-05T00:00:00Z' })]);
    from.put(actorKey({ portalId: ID.portalId, actorId: 'V-7' }), '{"actor_id":"V-7","name":"Ada"}\n');

    const contents = ['json', 'html', 'eml'] as const;
    const [one, two] = [
      await run(from, { contents }, new Date(0)),
      await run(from, { contents }, new Date(9e11)),
    ];

    const without = ({ files }: typeof one) => [...files].filter(([name]) => name !== 'request.json');
    expect(without(two)).toEqual(without(one));
    expect(two.text('request.json')).not.toBe(one.text('request.json'));
  });

  it('shows every archived row in the transcript, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            text: fc.string({ unit: 'grapheme' }),
            type: fc.constantFrom('MESSAGE', 'COMMENT', 'ASSIGNMENT', 'NEW_TYPE'),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (messages) => {
          const from = archive();
          const rows = messages.map((message, i) =>
            row({ id: `m${i}`, ...message, createdAt: `2026-02-0${1 + (i % 9)}T10:00:00Z` }),
          );
          await from.putThread(rows);

          const { transcript, messages: count } = await run(from);

          expect(count).toBe(rows.length);
          expect(transcript.match(/<article /g)).toHaveLength(rows.length);
          for (const { message_id } of rows) expect(transcript).toContain(` ${message_id}</p>`);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('cuts to the days that were asked for, in their zone, and says what it left out', async () => {
    const from = archive();
    const at = (id: string, createdAt: string) => row({ id, createdAt, text: `text of ${id}` });
    // In Berlin, the 3rd begins at 23:00 UTC of the 2nd.
    const rows = [
      at('m1', '2026-02-02T22:59:59Z'),
      at('m2', '2026-02-02T23:00:00Z'),
      at('m3', '2026-02-03T22:59:59Z'),
      at('m4', '2026-02-03T23:00:00Z'),
    ];
    await from.putThread(rows);
    const days = { since: '2026-02-03', until: '2026-02-03', zone: 'Europe/Berlin' };

    const cut = await run(from, { ...days, threads: undefined });
    const whole = await run(from, { ...days, wholeThreads: true });

    expect(cut.messages).toBe(2);
    expect(cut.text(`${THREAD}/messages.ndjson`)).not.toMatch(/text of m[14]/);
    expect(cut.manifest.threads[0]?.outside_the_days).toMatchObject({
      before: { messages: 1 },
      after: { messages: 1 },
    });
    expect(cut.transcript).toContain('1 entry before the time that was asked for is left out');
    expect(whole.messages).toBe(4);
    expect(whole.transcript.match(/Outside of the time that was asked for/g)).toHaveLength(2);
  });

  it('leaves out a thread with no message in those days', async () => {
    const from = archive();
    await from.putThread([
      row({ id: 'm1', createdAt: '2026-01-01T00:00:00Z' }),
      row({ id: 'm2', createdAt: '2026-03-01T00:00:00Z' }),
    ]);

    const { threads, files, problems } = await run(from, {
      threads: undefined,
      since: '2026-02-01',
      until: '2026-02-28',
    });

    expect(threads).toBe(0);
    expect([...files.keys()].filter((name) => name.startsWith('threads/'))).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('shows what an edited message said before, and when that was seen, and not what is only a new delivery status', async () => {
    const from = archive();
    await from.putThread([
      row({ id: 'm1', text: 'first' }, { observed_at: '2026-02-03 10:00:05.000' }),
      row({ id: 'm2', n: 1 }),
    ]);
    await from.putThread([row({ id: 'm1', text: 'second' }), row({ id: 'm2', n: 2 })]);

    const { transcript, text } = await run(from);

    expect(transcript).toMatch(/Earlier text, as seen 2026-02-03 10:00:05 UTC<\/p>\s*<div[^>]*>first</);
    expect(transcript.match(/Earlier text/g)).toHaveLength(1);
    expect(text(`${THREAD}/earlier-versions.ndjson`).trimEnd().split('\n')).toHaveLength(2);
  });

  it.each([
    [
      'a removal',
      row({ id: 'm1' }, { removed_at: '2026-02-09 00:00:00.000' }),
      'no longer returned it on 2026-02-09 00:00:00 UTC',
    ],
    [
      'the original of a cut message',
      row({ id: 'm1', truncationStatus: 'TRUNCATED' }, { original_text: 'the whole' }),
      'the whole',
    ],
    [
      'that a message is cut',
      row({ id: 'm1', truncationStatus: 'TRUNCATED' }),
      'The full original is not in the archive',
    ],
    [
      'a failed delivery',
      row({ id: 'm1', status: { statusType: 'FAILED', failureDetails: { errorMessage: 'mailbox full' } } }),
      'Delivery failed: mailbox full',
    ],
    ['an internal comment', row({ id: 'm1', type: 'COMMENT' }), 'Internal comment'],
    ['an assignment', row({ id: 'm1', type: 'ASSIGNMENT', assignedTo: 'A-1' }), 'before: nobody'],
    [
      'a change of status',
      row({ id: 'm1', type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' }),
      'Status of the thread is now CLOSED',
    ],
    ['the name of an actor', row({ id: 'm1', createdBy: 'A-1' }), '<bdi>Ada &amp; Co</bdi>'],
    [
      'a turned file name as it is',
      row({ id: 'm1', attachments: [{ type: 'FILE', name: 'x\u202Egpj.exe' }] }),
      'x⟨U+202E⟩gpj.exe',
    ],
  ])('shows %s', async (_, message, expected) => {
    const from = archive();
    await from.putThread([message]);
    from.put(actorKey({ portalId: ID.portalId, actorId: 'A-1' }), '{"actor_id":"A-1","name":"Ada & Co"}\n');

    expect((await run(from)).transcript).toContain(expected);
  });

  it('says of an erased thread that it is erased', async () => {
    const from = archive();
    await from.putThread([], {
      erased_at: '2026-02-10 00:00:00.000',
      erasure_outcome: 'erased',
      erasure_event: 'conversation.privacyDeletion',
    });

    const { transcript, problems } = await run(from);

    expect(transcript).toContain('was erased on 2026-02-10 00:00:00 UTC');
    expect(problems).toEqual([]);
  });
});

describe('what cannot be exported as it is archived', () => {
  it('is a problem when an attached file is missing, or not what its row says, and is not handed over', async () => {
    const { content: _, ...message } = withFile('a picture');
    const missing = archive();
    await missing.putThread([message]);
    const damaged = archive();
    await damaged.putThread([message]);
    damaged.put(FILE_KEY, 'A picture');

    const [one, two] = [await run(missing), await run(damaged)];

    expect(one.manifest.problems).toMatchObject([
      { message_id: 'm1', key: FILE_KEY, problem: 'an attached file is missing in the archive' },
    ]);
    expect(two.manifest.problems).toMatchObject([
      { message_id: 'm1', problem: 'an attached file is not what its row says' },
    ]);
    expect([...two.files.keys()].join()).not.toContain('hinge');
    expect(two.transcript).toContain('Not exported: it is not what its row says');
    expect(two.messages).toBe(1);
  });

  it.each([
    'attachments/portal_id=62515/1/m1/9/x',
    `attachments/portal_id=62515/${ID.threadId}/../../x`,
    '/etc/hostname',
  ])('is a problem when a row names a file elsewhere, %s', async (key) => {
    const { content, ...message } = withFile('a picture');
    const from = archive();
    from.put(key, content);
    await from.putThread([
      { ...message, attachments: message.attachments.map((one) => ({ ...one, archive_key: key })) },
    ]);

    expect((await run(from)).problems).toMatchObject([
      { problem: 'an attached file has a key that is none of its thread' },
    ]);
  });

  it('is a problem when a part is missing, damaged or another; the other days are exported', async () => {
    const from = archive();
    const days = ['01', '02', '03', '04'];
    await from.putThread(days.map((day) => row({ id: `m${day}`, createdAt: `2026-02-${day}T10:00:00Z` })));
    from.put(partKey({ ...ID, dt: '2026-02-01' }), 'no gzip');
    from.put(
      partKey({ ...ID, dt: '2026-02-02' }),
      await encodePart([row({ id: 'other', createdAt: '2026-02-02T10:00:00Z' })]),
    );
    const { open } = from.source;
    from.source.open = (key, version) =>
      key.includes('dt=2026-02-03') ? Promise.resolve(undefined) : open(key, version);

    const { manifest, transcript, messages } = await run(from);

    expect(manifest.problems.map(({ key, problem }) => [key.slice(28, 38), problem])).toEqual([
      ['2026-02-01', 'the part is damaged and cannot be read'],
      ['2026-02-01', 'the part is not what the thread record says'],
      ['2026-02-02', 'the part is not what the thread record says'],
      ['2026-02-03', 'the part is missing'],
    ]);
    expect(messages).toBe(2);
    expect(transcript).toContain('The messages of 2026-02-03 (UTC) could not be read');
  });

  it('is none when a thread was written between its record and its parts, for it is read again', async () => {
    const from = archive();
    await from.putThread([row({ id: 'm1', text: 'before' })]);
    const { open } = from.source;
    let isFirst = true;
    from.source.open = async (key, version) => {
      if (isFirst && key.startsWith('messages/')) {
        isFirst = false;
        await from.putThread([row({ id: 'm1', text: 'after' })]);
      }
      return open(key, version);
    };

    const { problems, text } = await run(from);

    expect(problems).toEqual([]);
    expect(text(`${THREAD}/messages.ndjson`)).toContain('after');
  });

  it.each([
    ['a thread that is not archived', undefined, 'the thread is not archived'],
    ['a record that cannot be read', '{', 'its record is not a thread record'],
  ])('is %s', async (_, record, problem) => {
    const from = archive();
    if (record !== undefined) from.put(threadRecordKey(ID), record);

    expect((await run(from)).problems).toMatchObject([{ thread: '62515/6065362089', problem }]);
  });
});

describe('an e-mail file', () => {
  it('has the headers, the texts as they are archived, and the attached files', async () => {
    const from = archive();
    const { content, ...message } = withFile('a picture');
    const sender = {
      actor_id: 'V-7',
      name: 'Ada\r\nBcc: x@example.com',
      field: 'FROM',
      delivery_type: 'HS_EMAIL_ADDRESS',
      delivery_value: 'ada@example.com',
    };
    await from.putThread([
      { ...message, subject: 'Hinge', rich_text: '<p onclick="x">Hi</p>', senders: [sender] },
      row({ id: 'm2', type: 'ASSIGNMENT' }),
    ]);
    from.put(FILE_KEY, content);

    const { files, text } = await run(from, { contents: ['eml'] });

    expect([...files.keys()].sort()).toEqual([
      'index.html',
      'manifest.json',
      'request.json',
      `${THREAD}/eml/000001-m1.eml`,
    ]);
    const mail = text(`${THREAD}/eml/000001-m1.eml`);
    expect(mail).toMatch(/^From: .*<ada@example\.com>\r$/m);
    expect(mail).not.toMatch(/^Bcc:/m);
    expect(mail).toMatch(/^Date: Tue, 03 Feb 2026 10:00:00 \+0000\r$/m);
    expect(mail).toContain('<p onclick="x">Hi</p>');
    expect(mail).toContain(Buffer.from('a picture').toString('base64'));
  });
});
