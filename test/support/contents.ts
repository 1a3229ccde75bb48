import path from 'node:path';
import { type CaptureRequest, createCaptureThread } from '../../functions/archive/capture.ts';
import { threadRecordKey } from '../../functions/archive/layout.ts';
import { createConversations } from '../../functions/hubspot/conversations.ts';
import { createDownload } from '../../functions/hubspot/download.ts';
import { createHubSpotGet, type HubSpotHttpOptions } from '../../functions/hubspot/http.ts';
import { createSources } from '../../functions/hubspot/sources.ts';
import { addEntry, createThread } from '../../local/simulated-hubspot/changes.ts';
import { type JsonObject } from '../../local/simulated-hubspot/json-text.ts';
import {
  createSimulatedHubSpot,
  type SimulatedHubSpotOptions,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { recordingStore } from './recording-store.ts';
import { simulatedApi } from './simulated-api.ts';

export const HOUR_MS = 3_600_000;
/** When HubSpot is asked for the first time. */
const NOON = Date.UTC(2026, 1, 2, 12);
const PORTAL_ID = '62515';

/** A thread of a simulated HubSpot whose messages have originals and files, and captures of it into an archive. */
export async function contentsSetUp(options: SimulatedHubSpotOptions = {}) {
  const hubspot = createSimulatedHubSpot({
    late: { share: 0, maxMs: 0 },
    paging: EVERY_PAGE_FULL,
    ...options,
  });
  const api = await simulatedApi(hubspot);
  const archive = recordingStore();
  const { threadId } = createThread(hubspot.world, {
    threadId: '6065362089',
    channelId: '1002',
    createdAt: NOON,
  });
  const state = {
    /** HubSpot's clock. */
    now: NOON,
    /** Messages a page. */
    pageSize: 100,
    archivesFiles: true,
    maxBytes: 1_000_000,
    /** How HubSpot and the hosts of files are reached. */
    fetch: globalThis.fetch,
  };

  const http: HubSpotHttpOptions = {
    ...api.http,
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.searchParams.has('limit')) url.searchParams.set('limit', String(state.pageSize));
      return state.fetch(url, init);
    },
  };

  /** Adds a message of that day of January, at noon. */
  function say(day: number, fields: JsonObject = {}): string {
    const whole = {
      text: `text of ${day}`,
      richText: undefined,
      attachments: [],
      truncationStatus: 'NOT_TRUNCATED',
    };
    const createdAt = Date.UTC(2026, 0, day, 12);
    const turn = { type: 'MESSAGE', by: 'visitor', text: 'any' } as const;
    return addEntry(hubspot.world, threadId, turn, {
      createdAt,
      visibleAfterMs: 0,
      fields: { ...whole, ...fields },
    }).messageId;
  }

  /** A file that HubSpot has, as an attachment. */
  function file(fileId: string, sizeBytes = 500): JsonObject {
    hubspot.world.files.set(fileId, { fileId, name: 'photo', extension: 'jpg', type: 'IMG', sizeBytes });
    return { type: 'FILE', fileId, fileUsageType: 'IMAGE', name: 'photo.jpg' };
  }

  let workers = 0;
  /** A worker: its circuits are its own. */
  function worker() {
    const { archivesFiles, maxBytes } = state;
    // A disk of its own too: a worker empties its folder when it begins.
    const folder = path.join(api.files().folder, String(workers++));
    const download = createDownload((...call) => state.fetch(...call));
    const files = archivesFiles ? api.files({ maxBytes, folder, download }) : undefined;
    const conversations = createConversations(createHubSpotGet(http), 'v3');
    const captureThread = createCaptureThread({
      conversations: {
        getThread: async (id) => ({
          ...(await conversations.getThread(id)),
          answeredAt: (state.now += 1_000),
        }),
        listMessagePages: conversations.listMessagePages,
      },
      apiVersion: 'v3',
      store: archive.store,
      sources: createSources(http, { apiVersion: 'v3', files }),
      settlingMs: 0,
    });
    const announced = { messageIds: [], occurredAt: 0, firstTry: false };
    return (request: Partial<CaptureRequest> = {}) =>
      captureThread({ portalId: PORTAL_ID, threadId, announced, requestId: 'request', ...request });
  }

  const rows = () =>
    archive
      .keys()
      .filter((key) => key.startsWith('messages/'))
      .flatMap((key) => archive.rows(key));

  return {
    ...{
      hubspot,
      world: hubspot.world,
      faults: hubspot.faults,
      api,
      archive,
      threadId,
      state,
      say,
      file,
      rows,
    },
    worker,
    /** A capture by a worker of its own. */
    capture: (request: Partial<CaptureRequest> = {}) => worker()(request),
    row: (messageId: string) => rows().find((row) => row.message_id === messageId)!,
    record: () => archive.record(threadRecordKey({ portalId: PORTAL_ID, threadId })),
    /** Calls for contents since the last time: `original <message>`, `file <id>`, `download <id>`; other calls are `list`. */
    takeCalls: () => api.takeCalls().map(nameOf),
    [Symbol.asyncDispose]: api[Symbol.asyncDispose],
  };
}

const EVERY_PAGE_FULL = { shortPages: 0, emptyPages: 0, danglingCursors: 0 };

function nameOf(path: string): string {
  const [, original] = /messages\/(\w+)\/original-content$/.exec(path) ?? [];
  const [, signed] = /^\/files\/v3\/files\/(\w+)\/signed-url$/.exec(path) ?? [];
  const [, download] = /^\/signed-url\/(\w+)$/.exec(path) ?? [];
  if (original !== undefined) return `original ${original}`;
  if (signed !== undefined) return `file ${signed}`;
  return download === undefined ? 'list' : `download ${download}`;
}
