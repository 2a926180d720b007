import { PixtokError } from "../shared/errors.js";
import type { PackedSource } from "../sources/packed/is-packed.js";
import type { PairSource } from "../sources/pair-source.js";

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

/** What a source of other sources' rows is, beside the rows. */
interface DerivedSource extends Partial<Pick<PackedSource, "pack">> {
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
