import * as z from 'zod/mini';
import { HubSpotError, safeReason, StoreError } from '../errors.ts';

/** Why a record was set aside. It stays with the dead letter. Ids and statuses, never content. */
export const faultSchema = z.object({
  /** What a log may say of the error. */
  reason: z.string(),
  errorClass: z.string(),
  /** HTTP status of the answer that was the end of it, where there was one. */
  status: z.optional(z.number()),
  /** Request id of the invocation that set it aside: its log lines have it. */
  requestId: z.string(),
  /** How often the record was taken. */
  receiveCount: z.number(),
});
export type Fault = z.infer<typeof faultSchema>;

/** Why a record is set aside: what failed, at which try of it, in which invocation. */
export function faultOf(error: unknown, at: { requestId: string; receiveCount: number }): Fault {
  const status = error instanceof HubSpotError || error instanceof StoreError ? error.status : undefined;
  return {
    reason: safeReason(error),
    errorClass: error instanceof Error ? error.name : typeof error,
    ...(status !== undefined && { status }),
    ...at,
  };
}
