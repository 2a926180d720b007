import { keyedPermutation } from "../order/permutation.js";
import type { Block, Sampler } from "../order/sampler.js";
import { untilAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import type { SignalledContext } from "../shared/sample-context.js";
import { type SampleError, sampleError } from "../shared/sample-error.js";
import { requireInteger } from "../shared/validation.js";
import type { TokenIds } from "../text/token-rows.js";
import type { OnError } from "./error-policy.js";
import type { PairReader, ReadPair } from "./pair-reader.js";

/** A pair of the order on its way to a row of a batch. */
export interface BatchRow {
  /** Its place in what was asked for. */
  readonly place: number;
  /** Dataset index that the order has here. */
  readonly index: number;
  /** What is shown: that pair, or another. */
  pair: ReadPair;
  tokenIds: TokenIds;
  /** Other pairs that have been tried. */
  replacements: number;
  /** Why another is shown. */
  error?: SampleError;
}

/** An error of what should be at a place of the batch. */
export interface PlacedError {
  /** Of the row; of its sequence, once rows have been joined. */
  place: number;
  error: SampleError;
}

/** Reads the rows of one batch, as its error policy wants. */
export interface RowReader {
  /** Everything that could not be read, would-be replacements included. */
  readonly errors: readonly PlacedError[];
  /** Whether an error ends the batch. */
  isFatal(error: PixtokError): boolean;
  /** Undefined where the pair is dropped. */
  read(index: number, place: number): Promise<BatchRow | undefined>;
  /** Notes what is wrong with a row that is dropped. */
  drop(row: BatchRow, error: PixtokError): void;
  /**
   * Shows another pair in a row, one that can be read.
   *
   * @param error what is wrong with the pair that it shows.
   * @throws {PixtokError} TOO_MANY_BAD_SAMPLES
   */
  replace(row: BatchRow, error: PixtokError): Promise<void>;
}

/** Pairs that are tried in place of a bad one. */
const MOST_REPLACEMENTS = 20;

/** How many of these are of the pair's own block, where there are blocks. */
const MOST_OF_BLOCK = 10;

/** The indices beside which a pair is read. */
export type BlockFinder = NonNullable<Sampler["blockOf"]>;

/** How rows are read. */
export interface RowReading {
  readonly onError: OnError;
  /** Default: what replaces a pair is looked for in the whole dataset. */
  readonly blockOf?: BlockFinder | undefined;
  /** What is done to each pair that has been read; its errors are the pair's. Default: nothing. */
  readonly complete?: ((pair: ReadPair) => Promise<ReadPair>) | undefined;
}

export function rowReader(
  pairs: PairReader,
  { onError, blockOf, complete }: RowReading,
  context: SignalledContext,
): RowReader {
  const { seed, epoch, signal } = context;
  const errors: PlacedError[] = [];
  const note = (error: PixtokError, index: number, place: number): SampleError => {
    const noted = sampleError(index, error);
    errors.push({ place, error: noted });
    return noted;
  };
  const isFatal = (error: PixtokError) => onError === "throw" || isMachineFault(error);

  const readPair = async (index: number): Promise<ReadPair | PixtokError> => {
    try {
      const pair = pairs.read(index, context);
      return await (complete === undefined ? pair : pair.then(complete));
    } catch (error) {
      if (!(error instanceof PixtokError) || isFatal(error)) throw error;
      return error;
    }
  };

  /**
   * Beside it other pairs may have been fetched already; but a whole block may be bad.
   *
   * @throws {RangeError} for a sampler's block that is not around the index.
   */
  const blockFor = ({ index, replacements }: BatchRow): Block => {
    if (blockOf === undefined || replacements > MOST_OF_BLOCK) {
      return { first: 0, length: pairs.length };
    }
    const { first, length } = blockOf(index);
    requireInteger("sampler.blockOf(…).first", first, 0, index);
    const least = index - first + 1;
    requireInteger("sampler.blockOf(…).length", length, least, pairs.length - first);
    return { first, length };
  };

  const replace = async (row: BatchRow, error: PixtokError): Promise<void> => {
    let last = error;
    const noted = note(error, row.pair.index, row.place);
    row.error ??= noted;
    while (row.replacements < MOST_REPLACEMENTS) {
      row.replacements += 1;
      const { first, length } = blockFor(row);
      const { indexAt } = keyedPermutation(length, seed, epoch, row.replacements);
      const index = first + indexAt(row.index - first);
      if (index === row.index) continue;
      const pair = await untilAborted(readPair(index), signal);
      if (!(pair instanceof PixtokError)) {
        row.pair = pair;
        return;
      }
      last = pair;
      note(pair, index, row.place);
    }
    throw new PixtokError(
      "TOO_MANY_BAD_SAMPLES",
      `it cannot be read, nor can any of ${MOST_REPLACEMENTS} others in its place, the last one: ${last.message}`,
      { index: row.index, cause: last },
    );
  };

  return {
    errors,
    isFatal,
    async read(index, place) {
      const pair = await readPair(index);
      if (!(pair instanceof PixtokError))
        return { place, index, pair, tokenIds: [], replacements: 0 };
      if (onError === "skip") {
        note(pair, index, place);
        return undefined;
      }
      const nothing = {
        index,
        images: [],
        columnImages: [],
        text: "",
        original: "",
        key: "",
        source: "",
        columns: [],
      };
      const row: BatchRow = { place, index, pair: nothing, tokenIds: [], replacements: 0 };
      await replace(row, pair);
      return row;
    },
    drop: (row, error) => void note(error, row.index, row.place),
    replace,
  };
}
