import { type ThreadId } from '../../functions/thread-id.ts';
import { numeral } from '../../local/numeral.ts';
import { actorsOf, parseRow } from './archived-row.ts';
import { markup, type Markup, visible } from './markup.ts';
import { type Names } from './names.ts';

/** Somebody who took part in a thread. */
export type Person = { id: string; shown: Markup; entries: number; addresses: string[] };

/**
 * Who takes part, in the order of their first entry. Actors that are named anywhere are looked up.
 * @param rows the rows of a thread, line by line
 */
export async function findPeople(
  names: Names,
  { portalId }: ThreadId,
  rows: AsyncIterable<string>,
): Promise<Person[]> {
  const people = new Map<string, { entries: number; addresses: Set<string>; name: string | undefined }>();
  const personOf = (id: string) => {
    const person = people.get(id) ?? { entries: 0, addresses: new Set<string>(), name: undefined };
    people.set(id, person);
    return person;
  };
  for await (const line of rows) {
    const row = parseRow(line);
    if (row === undefined) continue;
    for (const id of actorsOf(row)) personOf(id);
    if (row.created_by != null) personOf(row.created_by).entries++;
    for (const { actor_id, name, delivery_value } of [...(row.senders ?? []), ...(row.recipients ?? [])]) {
      if (actor_id == null) continue;
      const person = personOf(actor_id);
      if (delivery_value != null) person.addresses.add(delivery_value);
      person.name ??= name ?? undefined;
    }
  }
  const described = [...people].map(async ([id, { entries, addresses, name }]) => {
    const shown = await describeActor(names, portalId, id, name);
    return { id, shown, entries, addresses: [...addresses].sort() };
  });
  return Promise.all(described);
}

/** An actor by name, as the archive or else the message has it, with the id. */
export async function describeActor(
  names: Names,
  portalId: string,
  id: string,
  byMessage?: string,
): Promise<Markup> {
  const actor = await names.actor(portalId, id);
  const name = [actor?.name, byMessage, actor?.email].find((text) => text != null && text !== '');
  const idText = markup`<span class="mono">${visible(id)}</span>`;
  return name == null ? idText : markup`<bdi>${visible(name)}</bdi> ${idText}`;
}

/** A table of who took part; undefined when nobody did. */
export function describePeople(people: readonly Person[]): Markup | undefined {
  if (people.length === 0) return undefined;
  return markup`<h2>Participants</h2>
<table class="list"><thead><tr><th>Name and id</th><th>Addresses</th><th class="number">Entries written</th></tr></thead><tbody>
${people.map(
  ({ shown, addresses, entries }) =>
    markup`<tr><td>${shown}</td><td>${addresses.map(visible).join(', ')}</td><td class="number">${numeral(entries)}</td></tr>`,
)}</tbody></table>`;
}
