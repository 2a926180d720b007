import { SingleBar } from "cli-progress";
import type { WorkDetails } from "../shared/progress-callback.js";

/**
 * How work is going, in a few words: its rate, how long threads have waited, and errors.
 *
 * @param rate done in a second; undefined: not known yet.
 */
export function progressWords(rate: number | undefined, details?: WorkDetails): string {
  const { waiting, errors = 0 } = details ?? {};
  return [
    `${rate === undefined ? "–" : Math.round(rate)} a second`,
    ...(waiting === undefined ? [] : [`threads wait ${Math.round(100 * waiting)} %`]),
    ...(errors === 0 ? [] : [`${errors} ${errors === 1 ? "error" : "errors"}`]),
  ].join(", ");
}

/** Of work that goes through samples, and of work that does not say how it is going. */
type OnProgress = (done: number, total: number, details?: WorkDetails) => void;

/**
 * Shows a bar with rate, wait, errors and time left on standard error while the work is done, and takes it away
 * afterwards. Nothing is shown where that is no terminal.
 */
export async function withProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const bar = new SingleBar({
    format: "{bar} {value}/{total}, {words}, {eta_formatted} left",
    clearOnComplete: true,
    gracefulExit: false,
  });
  /** The first that was told: what was done before, such as files that are kept, is in it. */
  let first: { done: number; at: number } | undefined;
  try {
    return await work((done, total, details) => {
      const at = performance.now();
      if (first === undefined) bar.start(total, 0, { words: "" });
      const rate = first && (1000 * (done - first.done)) / (at - first.at);
      first ??= { done, at };
      bar.update(done, { words: progressWords(rate, details) });
    });
  } finally {
    bar.stop();
  }
}
