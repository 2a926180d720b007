import { stopWith } from "./abort.js";
import {
  instanceOf,
  integer,
  type OptionReaders,
  optional,
  readOptions,
  withDefault,
} from "./options.js";

/** What random choices about a pair depend on, beside its index. */
export interface SampleContext {
  /** An integer from 0. Default 0. */
  seed?: number;
  /** Number of the epoch, from 0. Default 0. */
  epoch?: number;
  /** Ends the work, which throws the signal's reason. */
  signal?: AbortSignal;
}

/** What a source is given beside an index. */
export interface SourceContext {
  /** The loader's seed. */
  readonly seed: number;
  /** The epoch, from 0. */
  readonly epoch: number;
  /**
   * Aborted when the pair is no longer needed. Pass it on to fetch(), for example. A dataset
   * always gives one.
   */
  readonly signal?: AbortSignal;
  /**
   * Whether nobody looks at the pair's image: a source may leave its bytes out. A source that is made of another and looks at its
   * images does not pass it on. Default false.
   *
   * @internal
   */
  readonly textAlone?: boolean;
  /**
   * What a stream has given, by index.
   *
   * @internal
   */
  readonly rows?: ReadonlyMap<number, unknown>;
  /**
   * Takes what lets go of a file that the pair's image is in: called once the image has been read. Without it
   * the file stays for a while.
   *
   * @internal
   */
  readonly keep?: (release: () => void) => void;
  /**
   * Does work that reads images where the source has them: it is waited for, whatever becomes of the pair. Throws the
   * signal's reason in place of work that nobody needs any more. Without it who asks for the pair waits for all.
   *
   * @internal
   */
  readonly hold?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A context with its signal, as a dataset passes it. */
export type SignalledContext = SourceContext & { readonly signal: AbortSignal };

/**
 * Does work that reads pairs and their images. The files that these are in stay until it is done. Where it fails, the signal
 * of its context is aborted, and what reads images is waited for; sources are not.
 */
export async function whileKept<C extends SourceContext, T>(
  context: C,
  work: (context: C) => Promise<T>,
): Promise<T> {
  const stop = stopWith(context.signal);
  const kept: (() => void)[] = [];
  const held = new Set<Promise<unknown>>();
  let isOver = false;
  const keep = (release: () => void) => {
    // of a pair that nobody has waited for
    if (isOver) release();
    else kept.push(release);
  };
  const hold = async <R>(read: () => Promise<R>): Promise<R> => {
    stop.signal.throwIfAborted();
    const reading = context.hold === undefined ? read() : context.hold(read);
    held.add(reading);
    try {
      return await reading;
    } finally {
      held.delete(reading);
    }
  };
  try {
    return await work({ ...context, signal: stop.signal, keep, hold });
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    await Promise.allSettled(held);
    stop.unlink();
    isOver = true;
    for (const release of kept) release();
  }
}

/** The context of work without random choices. */
export function plainContext(signal: AbortSignal = new AbortController().signal): SignalledContext {
  return { seed: 0, epoch: 0, signal };
}

export const readSignal = optional(instanceOf(AbortSignal, "an AbortSignal"));

const readers = {
  seed: withDefault(integer(0), 0),
  epoch: withDefault(integer(0), 0),
  signal: readSignal,
} satisfies OptionReaders<SampleContext>;

/** @throws {TypeError | RangeError} */
export function readSampleContext(context: unknown): SourceContext {
  const { signal, ...numbers } = readOptions("context", context, readers);
  return { ...numbers, ...(signal && { signal }) };
}
