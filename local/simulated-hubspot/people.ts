import { type Random } from './random.ts';

/** Somebody who does not exist, at a domain that is reserved for examples (RFC 2606). */
export type Person = { first: string; last: string; email: string; company: string; city: string };

// The second spelling is for the address.
const FIRST_NAMES: readonly (readonly [string, string])[] = [
  ['Ana', 'ana'],
  ['Zoë', 'zoe'],
  ['Jürgen', 'juergen'],
  ['Mireia', 'mireia'],
  ['Tomasz', 'tomasz'],
  ['Aoife', 'aoife'],
  ['Søren', 'soren'],
  ['Priya', 'priya'],
  ['Kenji', 'kenji'],
  ['Leïla', 'leila'],
  ['نور', 'nour'],
  ['雪', 'yuki'],
  ['Olena', 'olena'],
  ['Marcus', 'marcus'],
  ['Chidi', 'chidi'],
  ['Ingrid', 'ingrid'],
];
const LAST_NAMES: readonly (readonly [string, string])[] = [
  ['Okafor', 'okafor'],
  ['Lindqvist', 'lindqvist'],
  ['Müller', 'mueller'],
  ["O'Brien", 'obrien'],
  ['Nguyễn', 'nguyen'],
  ['García Ruiz', 'garcia.ruiz'],
  ['Kowalska', 'kowalska'],
  ['Haddad', 'haddad'],
  ['佐藤', 'sato'],
  ['Björnsdóttir', 'bjornsdottir'],
  ['Van den Berg', 'vandenberg'],
  ['Desai', 'desai'],
];
const COMPANIES = [
  'Blue Heron Bakery',
  'Kestrel Logistics',
  'Tidewater Clinic',
  'Alder & Finch',
  'Nordlys Energi',
  'Pequeña Sol S.L.',
  'Granite Peak Hotels',
  'Copperline Cycles',
  'Marigold Care Homes',
  'Fjordvik Fisk',
];
const CITIES = ['Leeds', 'Málaga', 'Århus', 'Łódź', 'Lyon', 'Osaka', 'Galway', 'Bremen', 'Pune', 'Tromsø'];
const DOMAINS = ['example.com', 'example.org', 'example.net'];

/** A person drawn from a small list of words; the same source draws the same person. */
export function inventPerson(random: Random): Person {
  const [first, firstInAddress] = random.pick(FIRST_NAMES);
  const [last, lastInAddress] = random.pick(LAST_NAMES);
  const email = `${firstInAddress}.${lastInAddress}${random.int(1, 999)}@${random.pick(DOMAINS)}`;
  return { first, last, email, company: random.pick(COMPANIES), city: random.pick(CITIES) };
}
