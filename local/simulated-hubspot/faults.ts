import { answerHtml, type ApiAnswer, Refusal } from './answers.ts';

/** Something that goes wrong with a call. */
export type Fault =
  /** An error answer: as JSON, or as the HTML page that HubSpot's CDN gives (52x always are). */
  | { kind: 'status'; status: number; retryAfterSeconds?: number; html?: boolean }
  /** A 200 whose JSON ends in the middle. */
  | { kind: 'truncated' }
  /** No answer: the connection ends. */
  | { kind: 'dropped' }
  /** Half the answer, then the connection ends. */
  | { kind: 'cut' }
  /** No answer, and the connection stays. */
  | { kind: 'stalled' };

/** The faults that are due. */
export type Faults = {
  /** The next `calls` calls, of those whose path matches, go wrong in this way. */
  next: (calls: number, fault: Fault, path?: RegExp) => void;
  /** Uses up the fault for this call, if there is one. Faults are used in the order in which they were asked for. */
  take: (path: string) => Fault | undefined;
  /** Forgets all faults. */
  clear: () => void;
};

/** No faults, until some are asked for. */
export function createFaults(): Faults {
  let due: { calls: number; fault: Fault; path: RegExp | undefined }[] = [];
  return {
    next(calls, fault, path) {
      due.push({ calls, fault, path });
    },
    take(path) {
      const found = due.find((entry) => entry.path === undefined || entry.path.test(path));
      if (found === undefined) return undefined;
      found.calls--;
      due = due.filter(({ calls }) => calls > 0);
      return found.fault;
    },
    clear() {
      due = [];
    },
  };
}

// Texts of the statuses that HubSpot's error page lists for "try again later".
const MESSAGES: Readonly<Record<number, string>> = {
  423: 'The resource is locked. Wait at least 2 seconds before you try again.',
  477: 'This account is being migrated to another data hosting location.',
  500: 'internal error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Does to an answer what the fault says. @throws Refusal when the fault is an error in JSON */
export function spoil(fault: Fault, answer: () => ApiAnswer): ApiAnswer {
  switch (fault.kind) {
    case 'status': {
      const { status, retryAfterSeconds, html = status >= 520 } = fault;
      const message = MESSAGES[status] ?? `error ${status}`;
      if (!html) throw new Refusal(status, message, {}, retryAfterSeconds);
      const page = answerHtml(status, `api.hubapi.com | ${status}: ${message}`);
      if (retryAfterSeconds !== undefined) page.headers['retry-after'] = String(retryAfterSeconds);
      return page;
    }
    case 'truncated': {
      const whole = answer();
      return { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) };
    }
    case 'dropped':
    case 'cut':
    case 'stalled':
      return { ...answer(), transport: fault.kind };
  }
}
