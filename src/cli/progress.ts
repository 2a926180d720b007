import { SingleBar } from "cli-progress";
import type { ProgressCallback } from "../shared/progress-callback.js";

/**
 * Shows a bar with rate and time left on standard error while the work is done, and takes it away
 * afterwards. Nothing is shown where that is no terminal.
 */
export async function withProgress<T>(
  work: (onProgress: ProgressCallback) => Promise<T>,
): Promise<T> {
  const bar = new SingleBar({
    format: "{bar} {value}/{total}, {rate} a second, {eta_formatted} left",
    clearOnComplete: true,
    gracefulExit: false,
  });
  const start = performance.now();
  let started = false;
  try {
    return await work((done, total) => {
      if (!started) bar.start(total, 0, { rate: "–" });
      started = true;
      bar.update(done, { rate: Math.round((done * 1000) / (performance.now() - start)) });
    });
  } finally {
    bar.stop();
  }
}
