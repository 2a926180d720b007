import { PixtokError } from "../shared/errors.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { PairSource } from "../sources/pair-source.js";

/** What tells a source that another one is made of from others. */
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

/** Rows of a source in an order that is computed: row `rowAt(index)` at each index below `length`. */
export function rowsOf(
  source: PairSource,
  length: number,
  rowAt: (index: number) => number,
  names: { readonly fingerprint: string; readonly description: string },
): PairSource {
  return {
    length,
    ...names,
    ...(isPacked(source) && { pack: source.pack }),
    get: (index, context) => asErrorOf(index, () => source.get(rowAt(index), context)),
    ...(source.texts !== undefined && {
      texts: (index, context) =>
        asErrorOf(index, () => source.texts?.(rowAt(index), context) as string),
    }),
  };
}
