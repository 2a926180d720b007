import { isDeepStrictEqual } from "node:util";
import { PixtokError } from "../shared/errors.js";
import { findSpan } from "../shared/find-span.js";
import { wrongType } from "../shared/validation.js";
import { blocksOfAll } from "./block-lengths.js";
import type { PackedSource } from "./packed/is-packed.js";
import { makeFingerprint, type PairSource } from "./pair-source.js";

/** What tells a source from others, where the pairs of another one are made of its pairs. */
export function fingerprintOf({ length, fingerprint }: PairSource): string {
  return `${length} pairs, ${fingerprint ?? "no fingerprint"}`;
}

export function descriptionOf({ length, description }: PairSource): string {
  return description ?? `a source of ${length} pairs`;
}

/** What `read` gives. An error about another index, that of the source within, becomes one about `index`. */
export async function asErrorOf<T>(index: number, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PixtokError) || error.index === undefined || error.index === index) {
      throw error;
    }
    throw new PixtokError(error.code, error.reason, {
      index,
      source: error.source,
      cause: error,
    });
  }
}

/**
 * What is known of the columns of rows of several sources. Types that differ are not known.
 *
 * @throws {TypeError} where a number stands for one class in one source and for another in the next.
 */
export function columnsOf(
  sources: readonly PairSource[],
): Pick<PairSource, "columnTypes" | "classNames"> {
  const [first, ...others] = sources as readonly [PairSource, ...PairSource[]];
  const { columnTypes, classNames } = first;
  for (const other of others) {
    if (isDeepStrictEqual(classNames, other.classNames)) continue;
    const both = [first, other].map(descriptionOf).join("; ");
    throw wrongType("sources", "the same classes in the same columns of all", both);
  }
  const areAlike = others.every((other) => isDeepStrictEqual(columnTypes, other.columnTypes));
  return {
    ...(columnTypes !== undefined && areAlike && { columnTypes }),
    ...(classNames !== undefined && { classNames }),
  };
}

/** What a source of other sources' rows is, beside the rows. */
export interface DerivedSource
  extends Partial<Pick<PackedSource, "pack">>,
    Pick<PairSource, "blockLengths" | "readAhead"> {
  readonly length: number;
  readonly fingerprint: string;
  readonly description: string;
}

/**
 * Rows of `sources`, without change: at each index below the length that of `rowAt(index)`. Texts are given without
 * images where all of the sources do.
 */
export function derivedSource(
  sources: readonly PairSource[],
  rowAt: (index: number) => { source: PairSource; row: number },
  derived: DerivedSource,
): PairSource {
  const haveTexts = sources.every(({ texts }) => texts !== undefined);
  return {
    ...columnsOf(sources),
    ...derived,
    get(index, context) {
      const { source, row } = rowAt(index);
      return asErrorOf(index, () => source.get(row, context));
    },
    ...(haveTexts && {
      texts(index, context) {
        const { source, row } = rowAt(index);
        return asErrorOf(index, () => source.texts?.(row, context) as string);
      },
    }),
  };
}

/** Rows of several sources, one source behind the other. */
export function rowsInTurn(sources: readonly PairSource[]) {
  const ends = new Float64Array(sources.length);
  let length = 0;
  for (const [i, source] of sources.entries()) {
    length += source.length;
    ends[i] = length;
  }
  const rowAt = (index: number) => {
    const { span, indexInSpan } = findSpan(ends, index);
    return { source: sources[span] as PairSource, row: indexInSpan };
  };
  return { length, rowAt };
}

/** Sources of files of one kind as one source; one alone is itself. */
export function joinedSources(sources: readonly PairSource[]): PairSource {
  const [first, second] = sources as readonly [PairSource, ...PairSource[]];
  if (second === undefined) return first;
  const { length, rowAt } = rowsInTurn(sources);
  return derivedSource(sources, rowAt, {
    length,
    fingerprint: makeFingerprint(["joined", ...sources.map(fingerprintOf)]),
    description: `${length} pairs of ${sources.length} files, the first a ${descriptionOf(first)}`,
    ...blocksOfAll(sources),
  });
}
