import { type PagingQuirks } from './paging.ts';
import { type Random } from './random.ts';
import { type World } from './world.ts';

/**
 * How the messages of a thread in the trash are asked for. HubSpot does not say: `flag` wants `archived=true` as for the
 * thread itself; with `no flag` they are answered without it, and with it there are none, no message being archived itself.
 */
export type TrashReading = 'flag' | 'no flag';

/** A call that has been let in: its token is known and its limit not used up. */
export type Call = {
  world: World;
  quirks: PagingQuirks;
  random: Random;
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
  /** What the token may read. */
  scopes: readonly string[];
  /** The account's time zone, an IANA name. */
  timeZone: string;
  trashReading: TrashReading;
  /** Where signed URLs of files point. */
  downloadOrigin: string;
};
