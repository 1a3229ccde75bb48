import { type World } from './world.ts';

/** Changes of the people and places of the account. HubSpot sends no event for any of them. */

/** Gives an actor another name. */
export function renameActor({ actors }: World, actorId: string, name: string): void {
  const actor = actors.get(actorId);
  if (actor === undefined) throw new RangeError('there is no such actor');
  actors.set(actorId, { ...actor, fields: { ...actor.fields, name } });
}

/** Takes an actor away: messages go on naming it, and the API no longer knows it. */
export function removeActor({ actors }: World, actorId: string): void {
  if (!actors.delete(actorId)) throw new RangeError('there is no such actor');
}

/** Takes an inbox away, and with it the channel accounts whose conversations went there. */
export function removeInbox({ places }: World, inboxId: string): void {
  const inboxes = places.inboxes.filter(({ id }) => id !== inboxId);
  if (inboxes.length === places.inboxes.length) throw new RangeError(`there is no inbox ${inboxId}`);
  places.inboxes = inboxes;
  places['channel-accounts'] = places['channel-accounts'].filter((account) => account.inboxId !== inboxId);
}
