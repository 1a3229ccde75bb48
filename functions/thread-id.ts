/** One thread of one HubSpot account. Both ids are opaque strings, even where HubSpot sends numbers. */
export type ThreadId = { portalId: string; threadId: string };

/** One string per thread, for maps and logs: `62515/6065362089`. */
export function threadIdText({ portalId, threadId }: ThreadId): string {
  return `${portalId}/${threadId}`;
}
