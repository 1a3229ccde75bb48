import * as z from 'zod';
import { isSafeId } from '../functions/archive/layout.ts';
import { type ThreadId } from '../functions/thread-id.ts';

/** Threads by their ids, as a command line names them: `62515/1,62515/2`. */
export const threadsOption = z
  .string()
  .transform((text) => text.split(',').map((each) => each.split('/')))
  .refine((pairs) => pairs.every((ids) => ids.length === 2 && ids.every(isSafeId)))
  .transform((pairs) => pairs.map(([portalId = '', threadId = '']): ThreadId => ({ portalId, threadId })))
  .optional()
  .describe('ids of accounts and threads, separated by commas, e.g. 62515/6065362089');

/** A contact, as a thread record names it. */
export const contactOption = z
  .string()
  .refine(isSafeId)
  .optional()
  .describe('the id of a contact or visitor, letters, digits, _ and -');

/** Why something is done: stays on record. */
export const reasonOption = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .describe('why, in up to 500 characters: it stays on record');
