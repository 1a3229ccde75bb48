import {
  type Conversations,
  type FetchedMessage,
  type HistoryPlace,
} from '../../functions/hubspot/conversations.ts';
import { threadSchema } from '../../functions/hubspot/schemas.ts';
import { type ThreadId } from '../../functions/thread-id.ts';

/** The thread that archive tests are about. */
export const THREAD: ThreadId = { portalId: '62515', threadId: '6065362089' };

/** A message as HubSpot sends it. `text` and the like go into `more`. */
export function hubSpotMessage(
  id: string,
  createdAt: string,
  more: Record<string, unknown> = {},
): FetchedMessage {
  const raw = JSON.stringify({ id, createdAt, type: 'MESSAGE', text: `text of ${id}`, ...more });
  return { id, createdAt, raw, fields: JSON.parse(raw) as Record<string, unknown> };
}

/** A HubSpot of one thread. Change `messages` and `thread` between captures; `pageSize` cuts the list into pages. */
export function fakeConversations(messages: FetchedMessage[] = []) {
  const state = {
    thread: { id: THREAD.threadId, archived: false, status: 'OPEN' } as Record<string, unknown> | undefined,
    messages,
    pageSize: 3,
    /** HubSpot's clock. */
    answeredAt: () => 0,
    /** Why the history cannot be read from there. */
    refuses: undefined as ((from: HistoryPlace | undefined) => Error | undefined) | undefined,
    /** Runs after the pages are read, before the capture goes on. */
    afterPages: () => Promise.resolve(),
  };
  const conversations: Conversations = {
    getThread: () => {
      const answeredAt = state.answeredAt();
      if (state.thread === undefined) return Promise.resolve({ found: undefined, answeredAt });
      const raw = JSON.stringify(state.thread);
      return Promise.resolve({ found: { raw, thread: threadSchema.parse(JSON.parse(raw)) }, answeredAt });
    },
    async *listMessagePages(_id, { from }) {
      const refusal = state.refuses?.(from);
      if (refusal !== undefined) throw refusal;
      const all = [...state.messages];
      let at = Number(from?.cursor ?? 0);
      do {
        const messages = all.slice(at, (at += state.pageSize));
        yield { messages, next: at < all.length ? { cursor: String(at), archived: false } : undefined };
      } while (at < all.length);
      await state.afterPages();
    },
  };
  return { state, conversations };
}
