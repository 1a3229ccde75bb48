import { safeReason } from '../errors.ts';
import { type RefreshOutcome, type RefreshRequest } from '../directory/refresh.ts';
import { isPassDue, PASSES } from './passes.ts';
import { isOvertaken, type OpenState, openSweepState } from './state.ts';
import { LIST_MS, type PassReport, type SweepDeps, type SweepRequest, walk } from './walk.ts';

/** What a run did for an account. */
export type SweepReport = {
  portalId: string;
  passes: PassReport[];
  /** Tables of places that were compared with HubSpot's lists and changed; absent when that was not due or failed. */
  tablesWritten?: number;
  /** What failed beside the passes: ids and statuses, never content. */
  failures: string[];
};

/**
 * Brings on an account's sweeps as far as time and the queue allow: goes on with what is unfinished, begins what is due,
 * and else does no more than read the state. May be called as often as one likes, and by several at once: the state is
 * written under condition, and whoever loses ends. When HubSpot, the store or the queue fails, nothing further is begun; the
 * next call goes on. Never throws.
 */
export function createSweep(
  deps: SweepDeps & { refreshDirectory: (request: RefreshRequest) => Promise<RefreshOutcome> },
): (request: SweepRequest) => Promise<SweepReport> {
  return async (request) => {
    const { portalId, requestId } = request;
    const report: SweepReport = { portalId, passes: [], failures: [] };
    try {
      const opened = await openSweepState(deps.store, { portalId, requestId, now: deps.now });
      if (!(await runPasses(deps, opened, { request, report }))) return report;
    } catch (error) {
      if (!isOvertaken(error)) report.failures.push(safeReason(error));
      return report;
    }
    if (!request.hasTime(LIST_MS)) return report;
    try {
      const { status, tablesWritten } = await deps.refreshDirectory({ portalId, requestId });
      if (status === 'refreshed') report.tablesWritten = tablesWritten;
    } catch (error) {
      report.failures.push(safeReason(error));
    }
    return report;
  };
}

/** False when one failed or was overtaken: then nothing further is begun. */
async function runPasses(
  deps: SweepDeps,
  opened: OpenState,
  { request, report }: { request: SweepRequest; report: SweepReport },
): Promise<boolean> {
  for (const pass of PASSES) {
    if (!isPassDue(pass, opened.state, deps.settings, deps.now())) continue;
    const passed = await walk(deps, pass, opened, request);
    report.passes.push(passed);
    if (passed.status === 'failed' || passed.status === 'overtaken') return false;
  }
  return true;
}

/** Settings from what an operator chose; a thread is left to live traffic for `coalesceSeconds` and five minutes. */
export function sweepSettings(chosen: {
  sweepMinutes: number;
  fullSweepDays: number;
  fullSweepWindowDays: number;
  coalesceSeconds: number;
}) {
  return {
    everyMs: chosen.sweepMinutes * MINUTE_MS,
    fullEveryMs: chosen.fullSweepDays * DAY_MS,
    fullWindowMs: chosen.fullSweepWindowDays * DAY_MS,
    graceMs: chosen.coalesceSeconds * 1_000 + GRACE_MS,
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const GRACE_MS = 5 * MINUTE_MS;
