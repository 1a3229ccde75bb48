import { type WebhookEvent } from './events.ts';

/** Events that wait to be sent, each until its time, and then until a round ends. */
export type EventQueue = {
  hold: (event: WebhookEvent, ms: number) => void;
  /** Makes the events whose time has come ready to be taken, the longest held first. */
  endRound: () => void;
  /** The next events that are ready, at most so many. */
  take: (max: number) => WebhookEvent[];
  /** How many events wait or are ready. */
  size: () => number;
  /** Forgets what waits, and from now on all that comes. */
  close: () => void;
};

/** An empty queue. It measures real time, whatever the clock of the world says. */
export function createEventQueue(): EventQueue {
  let waiting: { event: WebhookEvent; dueAt: number }[] = [];
  let ready: WebhookEvent[] = [];
  let isClosed = false;
  return {
    hold: (event, ms) => {
      if (!isClosed) waiting.push({ event, dueAt: performance.now() + ms });
    },
    endRound: () => {
      const at = performance.now();
      ready.push(...waiting.filter(({ dueAt }) => dueAt <= at).map(({ event }) => event));
      waiting = waiting.filter(({ dueAt }) => dueAt > at);
    },
    take: (max) => ready.splice(0, max),
    size: () => waiting.length + ready.length,
    close: () => {
      isClosed = true;
      waiting = [];
      ready = [];
    },
  };
}
