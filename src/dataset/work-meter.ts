import { type ImageTimes, imageTimes } from "../image/image-times.js";
import { runtime } from "../native/runtime.js";
import type { WorkDetails } from "../shared/progress-callback.js";

/** Measures work that prepares images. */
export interface WorkMeter {
  /** What the images take is to be added to these. */
  readonly times: ImageTimes;
  /** @param errors samples that could not be read. */
  details(errors: number): WorkDetails;
}

/** @param threads that prepare the images. Default: those of the runtime. */
export function workMeter(threads = runtime().defaultThreads): WorkMeter {
  const start = performance.now();
  const times = imageTimes();
  return {
    times,
    details(errors) {
      const { read, decode, resize, normalize } = times;
      const all = threads * (performance.now() - start);
      const busy = all === 0 ? 0 : (read + decode + resize + normalize) / all;
      return { errors, waiting: Math.max(0, 1 - busy) };
    },
  };
}
