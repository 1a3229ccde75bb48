/** A signal that is aborted when the process is told to end. */
export type AbortedBySignal = {
  signal: AbortSignal;
  /** Listens no longer, so that the process can be ended at once. */
  end: () => void;
};

/**
 * Is aborted by the first SIGINT or SIGTERM. A second one ends the process at once.
 * @param onSignal hears of the first
 */
export function abortedBySignal(onSignal: (name: NodeJS.Signals) => void = () => undefined): AbortedBySignal {
  const stopping = new AbortController();
  const abort = (name: NodeJS.Signals) => {
    end();
    onSignal(name);
    stopping.abort();
  };
  const end = () => {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  };
  process.on('SIGINT', abort).on('SIGTERM', abort);
  return { signal: stopping.signal, end };
}
