import { untilAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import type { OptionReaders } from "../shared/options.js";
import { type ProgressCallback, readProgress } from "../shared/progress-callback.js";
import {
  plainContext,
  readSignal,
  type SignalledContext,
  whileKept,
} from "../shared/sample-context.js";
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
  signal: readSignal,
} satisfies OptionReaders<ScanOptions>;

/** Pairs that are read at once: more than a disk or a server answers at the same time. */
const MOST_UNDER_WAY = 64;

/**
 * Finds something out about every pair of a source and gives it to `collect`, in the order of the pairs. Of a pair
 * that cannot be read it is `unreadable`: making a batch of the pair will report the error.
 *
 * @param length of the source.
 * @throws {PixtokError} for a fault of the machine.
 * @throws what `find` throws that is no PixtokError.
 */
export function scan<T>(
  length: number,
  unreadable: T,
  find: (index: number, context: SignalledContext) => T | Promise<T>,
  collect: (found: T, index: number) => void,
  { onProgress, signal = new AbortController().signal }: ScanOptions = {},
): Promise<void> {
  return whileKept(plainContext(signal), async (context) => {
    const findAt = async (index: number): Promise<T> => {
      try {
        return await whileKept(context, async (kept) => find(index, kept));
      } catch (error) {
        const fault = machineFault(error, { index });
        if (fault === null && error instanceof PixtokError) return unreadable;
        throw fault ?? error;
      }
    };
    for (let first = 0; first < length; first += MOST_UNDER_WAY) {
      context.signal.throwIfAborted();
      const size = Math.min(MOST_UNDER_WAY, length - first);
      const finding = Promise.all(Array.from({ length: size }, (_, i) => findAt(first + i)));
      for (const [i, found] of (await untilAborted(finding, context.signal)).entries()) {
        collect(found, first + i);
      }
      onProgress?.(first + size, length);
    }
  });
}

/** As scan(), of the pairs themselves. */
export function scanPairs<T>(
  source: PairSource,
  unreadable: T,
  find: (pair: Pair, index: number, context: SignalledContext) => T | Promise<T>,
  collect: (found: T, index: number) => void,
  options: ScanOptions,
): Promise<void> {
  const findAt = async (index: number, context: SignalledContext): Promise<T> =>
    find(requirePair(await source.get(index, context), index, false), index, context);
  return scan(source.length, unreadable, findAt, collect, options);
}
