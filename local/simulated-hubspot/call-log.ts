/** A call that the API has answered. */
export type LoggedCall = {
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  status: number;
  /** Epoch milliseconds. */
  at: number;
  /** Whether the request carried an `Authorization` header: a download from a signed URL must not. */
  carriedToken: boolean;
};

/** The calls so far, oldest first. */
export type CallLog = {
  readonly calls: readonly LoggedCall[];
  add: (call: LoggedCall) => void;
  /** How many calls there were, of those whose path matches, and with this status. */
  count: (path?: RegExp, status?: number) => number;
  clear: () => void;
};

/** An empty log. */
export function createCallLog(): CallLog {
  const calls: LoggedCall[] = [];
  return {
    calls,
    add(call) {
      calls.push(call);
    },
    count: (path, status) =>
      calls.filter(
        (call) => (path?.test(call.path) ?? true) && (status === undefined || call.status === status),
      ).length,
    clear() {
      calls.length = 0;
    },
  };
}
