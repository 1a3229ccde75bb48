/** A clock that goes from one thing that is due to the next, as fast as the machine can. */
export type VirtualClock = {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Does this after so many milliseconds. What is due at one instant is done in the order in which it was asked for. */
  after: (ms: number, run: () => void) => void;
  /** Goes on until nothing is due. */
  run: (options: RunOptions) => Promise<void>;
};

/** How a clock runs. */
export type RunOptions = {
  /** Whether some code has work of its own to do, which no virtual time may overtake. */
  isWorking: () => boolean;
  /** Ends the run when more than this has happened. */
  maxSteps: number;
};

type Due = { at: number; order: number; run: () => void };

/** A clock that stands at this instant. */
export function createClock(startMs: number): VirtualClock {
  const heap: Due[] = [];
  let now = startMs;
  let order = 0;

  return {
    now: () => now,
    after(ms, run) {
      push(heap, { at: now + Math.max(0, ms), order: order++, run });
    },
    async run({ isWorking, maxSteps }) {
      for (let step = 0; ; step++) {
        await (step % STEPS_PER_TURN === 0 ? turnOfEventLoop() : drain());
        for (let rounds = 0; isWorking(); rounds++) await realWork(rounds);
        const due = pop(heap);
        if (due === undefined) return;
        if (step >= maxSteps) throw new Error(`no rest after ${maxSteps} steps: something runs hot`);
        now = due.at;
        due.run();
      }
    },
  };
}

// A turn of the event loop takes as long as a step does, so it is taken now and then only: for who looks after the
// tests, and for rejections that nobody has handled.
const STEPS_PER_TURN = 1_000;

/** Lets every promise that can go on do so: Node looks at its ticks when no microtask is left. */
function drain(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

// Nothing of today's code gets here: it is for code that comes to use threads (streams of zlib, say).
const MAX_REAL_MS = 10_000;

async function realWork(rounds: number): Promise<void> {
  if (rounds > MAX_REAL_MS) throw new Error('code under test waits for something that is not simulated');
  await new Promise((resolve) => setTimeout(resolve, rounds < 10 ? 0 : 1));
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Due[], due: Due): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(due, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = due;
}

function pop(heap: Due[]): Due | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return top;
}
