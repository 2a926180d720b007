import { outOfRange, requireInteger, wrongType } from "../shared/validation.js";
import {
  blocksFrom,
  firstBlocks,
  repeatedBlocks,
  selectedBlocks,
} from "../sources/block-lengths.js";
import {
  type DerivedSource,
  derivedSource,
  descriptionOf,
  fingerprintOf,
} from "../sources/derived-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import { makeFingerprint, type PairSource, requireIndexedSource } from "../sources/pair-source.js";

/**
 * Pairs of a source at some indices, in their order; one may be there several times. Eight bytes an
 * index are kept.
 *
 * @param indices from 0 to `source.length` - 1.
 * @throws {TypeError | RangeError}
 */
export function select(source: PairSource, indices: ArrayLike<number>): PairSource {
  const { length } = requireIndexedSource(source);
  const count: unknown = (indices as ArrayLike<number> | null)?.length;
  if (typeof indices !== "object" || typeof count !== "number") {
    throw wrongType("indices", "an array of indices", indices);
  }
  if (count === 0) throw outOfRange("indices", "at least one index", indices);
  const rows = Float64Array.from(indices);
  for (let i = 0; i < rows.length; i += 1) {
    requireInteger(`indices[${i}]`, indices[i], 0, length - 1);
  }
  return selected(source, rows);
}

/** As select(), of indices that are known to be right. */
export function selected(source: PairSource, rows: Float64Array): PairSource {
  return rowsOf(source, rows.length, (index) => rows[index] as number, {
    fingerprint: makeFingerprint(["selected", fingerprintOf(source), new Uint8Array(rows.buffer)]),
    description: `${rows.length} selected of ${descriptionOf(source)}`,
    ...blocksFrom(source, (lengths) => selectedBlocks(lengths, rows)),
  });
}

/** Row `rowAt(index)` of a source at each index below `length`. */
function rowsOf(
  source: PairSource,
  length: number,
  rowAt: (index: number) => number,
  derived: Omit<DerivedSource, "length">,
): PairSource {
  const pack = isPacked(source) && { pack: source.pack };
  const at = (index: number) => ({ source, row: rowAt(index) });
  return derivedSource([source], at, { length, ...derived, ...pack });
}

/**
 * The first pairs of a source.
 *
 * @param count from 1 to `source.length`.
 * @throws {TypeError | RangeError}
 */
export function take(source: PairSource, count: number): PairSource {
  const length = requireInteger("count", count, 1, requireIndexedSource(source).length);
  return rowsOf(source, length, (index) => index, {
    fingerprint: `the first ${length} of ${fingerprintOf(source)}`,
    description: `the first ${length} of ${descriptionOf(source)}`,
    ...blocksFrom(source, (lengths) => firstBlocks(lengths, length)),
  });
}

/**
 * All pairs of a source several times over: with `shuffle`, an epoch has each as often.
 *
 * @param times at least 1.
 * @throws {TypeError | RangeError}
 */
export function repeat(source: PairSource, times: number): PairSource {
  const once = requireIndexedSource(source).length;
  const most = Math.floor(Number.MAX_SAFE_INTEGER / once);
  const length = once * requireInteger("times", times, 1, most);
  return rowsOf(source, length, (index) => index % once, {
    fingerprint: `${times} times ${fingerprintOf(source)}`,
    description: `${times} times ${descriptionOf(source)}`,
    ...blocksFrom(
      source,
      (lengths) => repeatedBlocks(lengths, times),
      (block, count) => block % count,
    ),
  });
}
