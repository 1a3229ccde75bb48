import { threadIdText } from '../../functions/thread-id.ts';
import { type ArchivePlace } from '../archive-place.ts';
import { type ExportCommand } from './options.ts';

/** What was asked for, as request.json has it. */
export type ExportRequest = {
  case: string | null;
  reason: string | null;
  requested_by: string | null;
  archive: ArchivePlace;
  threads: string[] | null;
  contact: string | null;
  since: string | null;
  until: string | null;
  whole_threads: boolean;
  zone: string;
  format: string[];
};

/** The request that a command line makes. */
export function requestOf(command: ExportCommand): ExportRequest {
  return {
    case: command.caseName ?? null,
    reason: command.reason ?? null,
    requested_by: command.requestedBy ?? null,
    archive: command.place,
    threads: command.threads?.map(threadIdText) ?? null,
    contact: command.contact ?? null,
    since: command.since ?? null,
    until: command.until ?? null,
    whole_threads: command.wholeThreads,
    zone: command.zone,
    format: [...command.contents, ...(command.zip ? ['zip'] : [])],
  };
}
