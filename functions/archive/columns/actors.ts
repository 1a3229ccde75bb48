import { type Columns } from './column.ts';

/** Columns of an actor. */
export const ACTOR_COLUMNS = {
  actor_id: { type: 'string', comment: 'Actor id, as messages and threads name it' },
  type: { type: 'string', comment: 'AGENT, BOT, INTEGRATOR, SYSTEM, VISITOR, EMAIL or LLM' },
  name: { type: 'string', comment: 'Name' },
  email: { type: 'string', comment: 'E-mail address' },
  avatar: { type: 'string', comment: 'URL of a picture' },
  raw: {
    type: 'string',
    comment: 'The actor exactly as HubSpot sent it, JSON; null when HubSpot never knew the id',
  },
  observed_at: { type: 'timestamp', comment: 'Answer of HubSpot that first had this content' },
  fetched_at: {
    type: 'timestamp',
    comment: 'Newest answer of HubSpot; asked for again a week later, when named',
  },
  removed_at: { type: 'timestamp', comment: 'First answer in which HubSpot did not know the actor' },
} as const satisfies Columns;
