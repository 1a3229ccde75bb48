import { type ApiAnswer, type ApiRequest } from './answers.ts';
import { createApi } from './api.ts';
import { type TrashReading } from './call.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import { createFaults, type Faults } from './faults.ts';
import { type PagingQuirks } from './paging.ts';
import { createRateLimiter, type RateLimits } from './rate-limit.ts';
import { type RunningServer, serveApi } from './server.ts';
import { createWorld, type Lateness, type World } from './world.ts';

/** What a simulated HubSpot is like. Everything has a default. */
export type SimulatedHubSpotOptions = {
  /** The same seed gives the same world. Default 1. */
  seed?: string | number;
  portalId?: number;
  appId?: number;
  /** Epoch milliseconds; must never go back. Default: Date.now. */
  now?: () => number;
  /** Default: 5 % of new threads and messages are visible up to 2 s late. */
  late?: Lateness;
  paging?: Partial<PagingQuirks>;
  rateLimits?: Partial<RateLimits>;
  /** The scopes of each access token. Default: {@link SIMULATED_ACCESS_TOKEN} with what an archive needs. */
  tokens?: Readonly<Record<string, readonly string[]>>;
  /** Default: `flag`. */
  trashReading?: TrashReading;
};

/** One account of a HubSpot that does not exist: its content, its API, and what can go wrong with it. */
export type SimulatedHubSpot = {
  /** The account's content; read and change it with the functions of world.ts, changes.ts, history.ts and growth.ts. */
  world: World;
  /** Answers a request in this process. */
  handle: (request: ApiRequest) => ApiAnswer;
  /** Answers requests over HTTP on 127.0.0.1. Port 0, the default, takes a free one. */
  listen: (port?: number) => Promise<RunningServer>;
  faults: Faults;
  /** Every call so far. */
  log: CallLog;
};

/** The access token that works by default. */
export const SIMULATED_ACCESS_TOKEN = 'simulated-access-token';

/** An account without threads, ready to be called. */
export function createSimulatedHubSpot(options: SimulatedHubSpotOptions = {}): SimulatedHubSpot {
  const {
    seed = 1,
    portalId = 62515,
    appId = 2438486,
    now = Date.now,
    late = { share: 0.05, maxMs: 2_000 },
  } = options;
  const { tokens = { [SIMULATED_ACCESS_TOKEN]: ['conversations.read', 'files', 'files.ui_hidden.read'] } } =
    options;
  const world = createWorld({ seed, portalId, appId, now, late });
  const rateLimits = { ...DEFAULT_LIMITS, ...options.rateLimits };
  const faults = createFaults();
  const log = createCallLog();
  const handle = createApi({
    world,
    quirks: { ...DEFAULT_QUIRKS, ...options.paging },
    tokens: new Map(Object.entries(tokens)),
    rateLimiter: createRateLimiter(rateLimits, now),
    faults,
    log,
    timeZone: rateLimits.timeZone,
    trashReading: options.trashReading ?? 'flag',
  });
  return { world, handle, listen: (port) => serveApi(handle, port), faults, log };
}

const DEFAULT_QUIRKS: PagingQuirks = { shortPages: 0.1, emptyPages: 0.03, danglingCursors: 0.1 };
// A Professional account's (HubSpot's usage guidelines, read November 2026).
const DEFAULT_LIMITS: RateLimits = {
  tenSecondly: 190,
  daily: 625_000,
  timeZone: 'Europe/Berlin',
  retryAfter: false,
};
