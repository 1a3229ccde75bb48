import { type Draw } from './choices.ts';
import { type Action, type Step } from './plan.ts';

/** A step before it has a number; its target is counted within the thread. */
export type UnnumberedStep = Omit<Step, 'id'>;

// Most types send an event, some do not.
const TYPES = ['MESSAGE', 'MESSAGE', 'MESSAGE', 'COMMENT', 'ASSIGNMENT', 'THREAD_STATUS_CHANGE'];
const LONGEST_LATE = 60_000;

/** What happens to a thread while the account grows for so many milliseconds. */
export function drawThread(random: Draw, thread: number, growth: number): UnnumberedStep[] {
  const steps: UnnumberedStep[] = [];
  const late = random.chance(0.5) ? random.next() * 0.5 : 0;
  const lateMs = () => (random.chance(late) ? random.int(1, LONGEST_LATE) : 0);
  const createdAt = random.int(0, Math.floor(growth / 2));
  const add = (at: number, action: Action) => steps.push({ at: Math.floor(at), thread, action });
  const someTime = () => createdAt + random.next() * (growth - createdAt);

  add(createdAt, { kind: 'create', lateMs: lateMs() });
  const history = random.chance(0.4) ? random.int(1, 4) : 0;
  for (let n = 0; n < history; n++) {
    add(createdAt, { kind: 'say', type: 'MESSAGE', lateMs: 0, daysAgo: random.int(1, 3) });
  }
  for (let n = random.int(1, 7); n > 0; n--) {
    add(someTime(), { kind: 'say', type: random.pick(TYPES), lateMs: lateMs(), daysAgo: 0 });
  }
  const edits = random.chance(0.6) ? random.int(1, 4) : 0;
  // Targets are counted within the thread here; `numberSteps` makes step ids of them.
  const says = steps.length - 1;
  const target = () => random.int(0, says - 1);
  const favourite = target();
  for (let n = 0; n < edits; n++) {
    const style = random.pick(['stamped', 'silent', 'silent', 'back'] as const);
    add(someTime(), { kind: 'edit', target: random.chance(0.6) ? favourite : target(), style });
  }
  for (let n = random.pick([0, 0, 1, 2]); n > 0; n--)
    add(someTime(), { kind: 'remove', target: random.chance(0.4) ? 0 : target() });
  if (random.chance(0.2)) {
    const trashedAt = someTime();
    add(trashedAt, { kind: 'trash' });
    if (random.chance(0.6)) add(trashedAt + random.next() * (growth - trashedAt), { kind: 'restore' });
  }
  return steps;
}

/** Gives the steps their numbers and their order. */
export function numberSteps(steps: UnnumberedStep[]): Step[] {
  const numbered = steps.map((step, id) => ({ ...step, id }));
  for (const step of numbered) {
    if (step.action.kind !== 'edit' && step.action.kind !== 'remove') continue;
    const says = numbered.filter(({ thread, action }) => thread === step.thread && action.kind === 'say');
    step.action = { ...step.action, target: says[step.action.target]!.id };
  }
  return numbered.sort((one, other) => one.at - other.at || one.id - other.id);
}
