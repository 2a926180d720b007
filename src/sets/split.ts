import { createHash } from "node:crypto";
import { growingNumbers } from "../shared/growing-numbers.js";
import { integer, type OptionReaders, readOptions, withDefault } from "../shared/options.js";
import { isObject, outOfRange, requireNumber, wrongType } from "../shared/validation.js";
import { keyOf, type PairSource, requireIndexedSource } from "../sources/pair-source.js";
import { type ScanOptions, scanPairs, scanReaders } from "./scan.js";
import { selected } from "./select.js";

/** Options of `split`. */
export interface SplitOptions extends ScanOptions {
  /** Another one parts the pairs in another way. Default 0. */
  seed?: number;
}

const readers = {
  ...scanReaders,
  seed: withDefault(integer(0), 0),
} satisfies OptionReaders<SplitOptions>;

/** Shares may be off by what sums of decimals are. */
const ROUNDING = 1e-9;

/** Ends of the shares on the line from 0 to 1, by name. */
function requireShares(shares: unknown): readonly { name: string; end: number }[] {
  if (!isObject(shares)) throw wrongType("shares", "an object of a share by name", shares);
  let end = 0;
  const ends = Object.entries(shares).map(([name, share]) => {
    end += requireNumber(`shares.${name}`, share, 0, 1);
    return { name, end: Math.abs(end - 1) <= ROUNDING ? 1 : end };
  });
  if (ends.length === 0) throw outOfRange("shares", "at least one share", shares);
  if (end > 1 + ROUNDING)
    throw outOfRange("shares", "a sum of at most 1", Number(end.toPrecision(12)));
  return ends;
}

const HASH_BITS = 48;

/** A number from 0 to below 1 that seed and key alone decide. */
function fractionOf(seed: number, key: string): number {
  const hash = createHash("sha256").update(`${seed}\0${key}`).digest();
  return hash.readUIntBE(0, HASH_BITS / 8) / 2 ** HASH_BITS;
}

/**
 * Parts the pairs of a source, each by a hash of its key as a batch has it: the pair's own, else its image's
 * path, else its index. A pair stays in its part when the source grows, and pairs of one key are in one part.
 * Shares hold on average. What is beyond their sum is in no part. Reads every pair once and keeps at most 16
 * bytes for each.
 *
 * @param shares of the pairs, by name: `{ train: 0.9, validation: 0.1 }`.
 * @throws {TypeError | RangeError} for misuse, and where a part would have no pair.
 * @throws {PixtokError} for a fault of the machine.
 */
export async function split<Name extends string>(
  source: PairSource,
  shares: Readonly<Record<Name, number>>,
  options: SplitOptions = {},
): Promise<Record<Name, PairSource>> {
  const pairs = requireIndexedSource(source);
  const ends = requireShares(shares);
  const { seed, ...scan } = readOptions("split", options, readers);
  const rows = ends.map(() => growingNumbers());
  const collect = (key: string, index: number) => {
    const fraction = fractionOf(seed, key);
    rows[ends.findIndex(({ end }) => fraction < end)]?.push(index);
  };
  await scanPairs(pairs, "", keyOf, collect, scan as ScanOptions);
  const entries = ends.map(({ name }, i) => {
    const own = rows[i] as (typeof rows)[number];
    if (own.length > 0) return [name, selected(pairs, own.finished())];
    const expected = `a share in which some of the ${pairs.length} pairs fall`;
    throw outOfRange(`shares.${name}`, expected, shares[name as Name]);
  });
  return Object.fromEntries(entries) as Record<Name, PairSource>;
}
