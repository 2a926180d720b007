import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import { type OptionReaders, readOptions, stringOf, withDefault } from "../shared/options.js";
import { describe, isObject, wrongType } from "../shared/validation.js";
import type { Pair, PairSource } from "./pair-source.js";

/** What a function that begins an epoch's pairs is given. */
export interface StreamContext {
  /** The loader's seed. */
  readonly seed: number;
  /** The epoch, from 0. */
  readonly epoch: number;
  /** Aborted when no more pairs are wanted. */
  readonly signal: AbortSignal;
}

/** Pairs, one after the other. */
export type PairIterable = AsyncIterable<Pair> | Iterable<Pair>;

/** Options of `stream`. */
export interface StreamOptions {
  /** Tells these pairs from others in a loader's state. Default: nothing does. */
  fingerprint?: string;
}

/** A source without a known length, which is gone through from its start. */
export interface PairStream extends PairSource {
  begin(context: StreamContext): Promise<StreamedPairs>;
}

/** The pairs of one epoch. */
export interface StreamedPairs {
  /** The next pair as it was given, unchecked; undefined behind the last one. */
  next(): Promise<{ readonly index: number; readonly pair: unknown } | undefined>;
  /** Lets go of what gives the pairs. */
  close(): Promise<void>;
}

const readers = {
  fingerprint: withDefault(stringOf("a string"), ""),
} satisfies OptionReaders<StreamOptions>;

export function isStream(source: PairSource): source is PairStream {
  return source.length === Number.POSITIVE_INFINITY && "begin" in source;
}

const EXPECTED = "an iterable of { image, text }, or a function that gives one";

/**
 * A source of pairs that come one after the other, whose number is not known: for a `MultimodalDataset` that a
 * `DataLoader` goes through. Pairs are numbered from 0 in every epoch; these numbers are `batch.indices`, and errors
 * have them.
 *
 * @param pairs an iterable that can be gone through again in each epoch; or a function that begins an epoch. To go on
 *   from a state, and for the same pairs on every rank, an epoch has to give the same pairs in the same order.
 * @throws {TypeError}
 */
export function stream(
  pairs: PairIterable | ((context: StreamContext) => PairIterable | Promise<PairIterable>),
  options: StreamOptions = {},
): PairSource {
  if (typeof pairs !== "function" && !isIterable(pairs)) throw wrongType("pairs", EXPECTED, pairs);
  const { fingerprint } = readOptions("stream", options, readers);
  const begun = new WeakSet<object>();
  const made: PairStream = {
    length: Number.POSITIVE_INFINITY,
    fingerprint: `stream ${fingerprint}`,
    description: "a stream of pairs",
    get(index, { rows }) {
      if (rows?.has(index)) return rows.get(index) as Pair;
      throw new TypeError(
        `expected a DataLoader to go through the stream in its order, got a call for pair ${index}`,
      );
    },
    async begin(context) {
      const iterator = await begunBy(pairs, context);
      if (begun.has(iterator)) {
        const expected = "a function that begins the pairs anew, for another epoch or to resume";
        throw wrongType("pairs", expected, "an iterator that has been gone through");
      }
      begun.add(iterator);
      return streamedPairs(iterator);
    },
  };
  return made;
}

function isIterable(value: unknown): value is PairIterable {
  if (Array.isArray(value)) return true;
  return isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

type PairIterator = AsyncIterator<unknown> | Iterator<unknown>;

/** What goes through the pairs of an epoch. */
async function begunBy(
  pairs: PairIterable | ((context: StreamContext) => unknown),
  context: StreamContext,
): Promise<PairIterator> {
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw streamFault(cause, 0);
    }
  };
  const given: unknown = typeof pairs === "function" ? await attempt(() => pairs(context)) : pairs;
  if (!isIterable(given)) throw wrongType("pairs", EXPECTED, given);
  const iterator: unknown = await attempt(() => iteratorOf(given));
  if (isObject(iterator) && typeof iterator.next === "function") return iterator as never;
  throw wrongType("pairs", "an iterable whose iterator has next()", iterator);
}

function iteratorOf(pairs: PairIterable): PairIterator {
  return Symbol.asyncIterator in pairs ? pairs[Symbol.asyncIterator]() : pairs[Symbol.iterator]();
}

function streamedPairs(iterator: PairIterator): StreamedPairs {
  let index = 0;
  let isOver = false;
  /** Whether a pair is under way, for which return() would wait. */
  let isWaiting = false;
  return {
    async next() {
      if (isOver) return undefined;
      isWaiting = true;
      try {
        const { done, value } = await iterator.next();
        if (done) {
          isOver = true;
          return undefined;
        }
        // what fails later fails when the pair is read: until then nobody may be waiting for it
        if (value instanceof Promise) value.catch(() => {});
        index += 1;
        return { index: index - 1, pair: value };
      } catch (cause) {
        isOver = true;
        throw streamFault(cause, index);
      } finally {
        isWaiting = false;
      }
    },
    async close() {
      if (isOver) return;
      isOver = true;
      const closing = Promise.resolve(iterator.return?.());
      if (isWaiting) closing.catch(() => {});
      else await closing;
    },
  };
}

/** An iterator that has thrown gives no more pairs: that is no fault of a single sample. */
function streamFault(cause: unknown, index: number): Error {
  const fault = machineFault(cause, { index });
  if (fault !== null) return fault;
  const { code, reason, source } =
    cause instanceof PixtokError
      ? cause
      : {
          code: "SAMPLE_FAILED" as const,
          reason: cause instanceof Error ? cause.message : describe(cause),
          source: undefined,
        };
  const message = `the stream has failed, behind ${index} pairs: ${reason}`;
  return new PixtokError(code, message, { index, source, cause });
}
