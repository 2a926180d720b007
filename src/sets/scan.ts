import { untilAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import { instanceOf, type OptionReaders, optional } from "../shared/options.js";
import { type ProgressCallback, readProgress } from "../shared/progress-callback.js";
import { plainContext } from "../shared/sample-context.js";
import { type Pair, type PairSource, requirePair } from "../sources/pair-source.js";

/** Options of work that reads every pair of a source once. */
export interface ScanOptions {
  /** Called with how many pairs have been read, and of how many. Default none. */
  onProgress?: ProgressCallback;
  /** Ends the work, which throws the signal's reason. Default none. */
  signal?: AbortSignal;
}

export const scanReaders = {
  onProgress: readProgress,
  signal: optional(instanceOf(AbortSignal, "an AbortSignal")),
} satisfies OptionReaders<ScanOptions>;

/** Pairs that are read at once. */
const MOST_UNDER_WAY = 64;

/**
 * Reads every pair once and gives what `find` makes of each to `collect`, in their order. A pair that
 * cannot be read is `unreadable`: making a batch of it will report the error.
 *
 * @throws {PixtokError} for a fault of the machine.
 * @throws what `find` throws that is no PixtokError.
 */
export async function scanPairs<T>(
  source: PairSource,
  unreadable: T,
  find: (pair: Pair, index: number) => T | Promise<T>,
  collect: (found: T, index: number) => void,
  { onProgress, signal = new AbortController().signal }: ScanOptions,
): Promise<void> {
  const { length } = source;
  const findAt = async (index: number): Promise<T> => {
    try {
      return await find(requirePair(await source.get(index, plainContext(signal)), index), index);
    } catch (error) {
      const fault = machineFault(error, { index });
      if (fault === null && error instanceof PixtokError) return unreadable;
      throw fault ?? error;
    }
  };
  for (let first = 0; first < length; first += MOST_UNDER_WAY) {
    signal.throwIfAborted();
    const size = Math.min(MOST_UNDER_WAY, length - first);
    const finding = Promise.all(Array.from({ length: size }, (_, i) => findAt(first + i)));
    for (const [i, found] of (await untilAborted(finding, signal)).entries()) {
      collect(found, first + i);
    }
    onProgress?.(first + size, length);
  }
}
