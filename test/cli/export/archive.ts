import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type ExportCommand } from '../../../cli/export/options.ts';
import { type ExportSource } from '../../../cli/export/source.ts';
import { partKey, threadRecordKey } from '../../../functions/archive/layout.ts';
import { encodePart } from '../../../functions/archive/part.ts';
import { type MessageRow, messageRow } from '../../../functions/archive/row.ts';

/** The thread that the tests are about. */
export const ID = { portalId: '62515', threadId: '6065362089' };
const OBSERVED = '2026-03-01 00:00:00.000';

/** A row as a fetch would make it of HubSpot's message, and then changed. */
export function row(
  message: Record<string, unknown> & { createdAt?: string },
  changes: Partial<MessageRow> = {},
): MessageRow {
  const fields = { type: 'MESSAGE', direction: 'INCOMING', createdBy: 'V-7', text: 'Hello', ...message };
  const { createdAt = '2026-02-03T10:00:00Z' } = message;
  const raw = JSON.stringify(fields);
  const fetched = { id: String(message['id']), createdAt: Date.parse(createdAt), fields, raw };
  return { ...messageRow(fetched as never, ID.threadId, OBSERVED), ...changes };
}

/** An archive in memory that keeps every version, as a bucket does. */
export function archive() {
  const versions = new Map<string, Buffer[]>();

  function put(key: string, body: Buffer | string): void {
    versions.set(key, [...(versions.get(key) ?? []), Buffer.from(body)]);
  }

  /** Writes the parts of a thread, and the record that lists them. */
  async function putThread(rows: readonly MessageRow[], record: Record<string, unknown> = {}): Promise<void> {
    const days = Map.groupBy(rows, ({ created_at }) => created_at.slice(0, 10));
    const parts = [];
    for (const [dt, ofDay] of days) {
      const body = await encodePart(ofDay);
      const key = partKey({ ...ID, dt });
      put(key, body);
      parts.push({
        dt,
        key,
        messages: ofDay.length,
        sha256: sha256(body),
        bytes: body.length,
        version_id: null,
      });
    }
    const times = rows.map(({ created_at }) => created_at).sort();
    const ledger = {
      thread_id: ID.threadId,
      fetch_started_at: OBSERVED,
      fetched_by: 'request-1',
      first_message_at: times[0] ?? null,
      last_message_at: times.at(-1) ?? null,
      parts,
      unseen_message_ids: [],
      deleted_at: null,
      erased_at: null,
    };
    put(threadRecordKey(ID), `${JSON.stringify({ ...ledger, ...record })}\n`);
  }

  const source: ExportSource = {
    keepsVersions: true,
    get: (key) => {
      const body = versions.get(key)?.at(-1);
      return Promise.resolve(body && { body, etag: sha256(body), versionId: null });
    },
    async *list(prefix) {
      await Promise.resolve();
      for (const key of versions.keys()) if (key.startsWith(prefix)) yield key;
    },
    async *listVersions(prefix) {
      await Promise.resolve();
      for (const [key, bodies] of versions) {
        if (!key.startsWith(prefix)) continue;
        for (const i of bodies.keys()) yield { key, versionId: `v${i}`, isLatest: i === bodies.length - 1 };
      }
    },
    open: (key, versionId) => {
      const bodies = versions.get(key) ?? [];
      const i = versionId == null ? bodies.length - 1 : Number(versionId.slice(1));
      const body = bodies[i];
      const stream = body && Readable.from([body]);
      return Promise.resolve(stream && { stream, versionId: `v${i}`, statedSha256: null });
    },
  };
  return { source, put, putThread };
}

export function sha256(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** What a command line that names the thread says. */
export function command(changes: Partial<ExportCommand> = {}): ExportCommand {
  return {
    place: { folder: 'archive' },
    threads: [ID],
    contact: undefined,
    since: undefined,
    until: undefined,
    wholeThreads: false,
    to: 'out',
    contents: ['json', 'html'],
    zip: false,
    zone: 'UTC',
    caseName: undefined,
    reason: undefined,
    requestedBy: undefined,
    ...changes,
  };
}
