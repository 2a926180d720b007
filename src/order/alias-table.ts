import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PixtokError } from "../shared/errors.js";
import { isObject, outOfRange, requireInteger, wrongType } from "../shared/validation.js";

/** An alias is a number of 32 bits. */
export const MOST_WEIGHTS = 2 ** 32 - 1;

/** What indices are drawn by as often as their weights say: Walker's alias method. */
export interface AliasTable {
  /** Number of weights. */
  readonly count: number;
  /** The share of a column that is its own index's; the rest is its alias's. */
  keptAt(column: number): number;
  aliasAt(column: number): number;
  /** Tells it from tables of other weights. */
  readonly digest: string;
}

/** The numbers of a table: 12 bytes a weight. */
export interface AliasArrays {
  readonly kept: Float64Array;
  readonly alias: Uint32Array;
}

/** The same, and their digest. */
export interface NamedArrays extends AliasArrays {
  readonly digest: string;
}

/** A weight that is none; without a place, all of them together are. */
export interface WeightProblem {
  readonly place?: number;
  readonly expected: string;
  readonly got: unknown;
}

/** Adds up weights that come some at a time. Their order decides how the sum is rounded. */
export function weightSum() {
  let count = 0;
  let sum = 0;
  return {
    /** @returns what is wrong with the first one that is no weight. */
    add(weights: ArrayLike<number>): WeightProblem | undefined {
      for (let i = 0; i < weights.length; i += 1) {
        const got: unknown = weights[i];
        if (typeof got !== "number") return { place: count + i, expected: "a number", got };
        if (!(got >= 0 && got < Number.POSITIVE_INFINITY)) {
          return { place: count + i, expected: "a finite number of at least 0", got };
        }
        sum += got;
      }
      count += weights.length;
      return undefined;
    },
    /** The sum, or what is wrong with all. */
    total(): number | WeightProblem {
      if (!(sum > 0)) return { expected: "at least one above 0", got: "zeros alone" };
      if (sum === Number.POSITIVE_INFINITY) return { expected: "a finite sum", got: sum };
      return sum;
    },
  };
}

/** Arrays of numbers of their own; JavaScript's arrays end the process where they grow too long. */
function allocateTable(count: number) {
  try {
    return {
      kept: new Float64Array(count),
      alias: new Uint32Array(count),
      waiting: new Uint32Array(count),
    };
  } catch (cause) {
    throw new PixtokError(
      "OUT_OF_MEMORY",
      `${count} weights need ${16 * count} bytes while they are put in order, and 12 of 16 afterwards`,
      { cause },
    );
  }
}

/**
 * Makes a table of weights that come some at a time.
 *
 * @param sum of all weights, as weightSum() gives it.
 * @throws {PixtokError} OUT_OF_MEMORY
 */
export function aliasTableMaker(count: number, sum: number) {
  const { kept, alias, waiting } = allocateTable(count);
  // two stacks in one array: what has less than its share grows from the start, the rest from the end
  let small = 0;
  let large = count;
  let added = 0;
  const put = (i: number) => {
    if ((kept[i] as number) < 1) waiting[small++] = i;
    else waiting[--large] = i;
  };
  return {
    add(weights: ArrayLike<number>): void {
      for (let i = 0; i < weights.length; i += 1) {
        const share = (weights[i] as number) * count;
        kept[added] =
          share === Number.POSITIVE_INFINITY ? ((weights[i] as number) / sum) * count : share / sum;
        alias[added] = added;
        put(added);
        added += 1;
      }
    },
    /** Pairs columns off, `most` of them. @returns whether none is left. */
    pairOff(most: number): boolean {
      for (let left = most; small > 0 && large < count; left -= 1) {
        if (left === 0) return false;
        const taker = waiting[--small] as number;
        const giver = waiting[large++] as number;
        alias[taker] = giver;
        kept[giver] = (kept[giver] as number) - (1 - (kept[taker] as number));
        put(giver);
      }
      return true;
    },
    /** The table, once all are paired off. */
    finish(): AliasArrays {
      // what rounding has left over
      for (let i = 0; i < small; i += 1) kept[waiting[i] as number] = 1;
      for (let i = large; i < count; i += 1) kept[waiting[i] as number] = 1;
      return { kept, alias };
    },
  };
}

/** A hash, or a write, takes no more than 2 GiB at once; others have their turn after some milliseconds. */
const PIECE_BYTES = 2 ** 24;

/** Bytes of a table's arrays, some at a time. */
export function* bytesOfTable({ kept, alias }: AliasArrays): Generator<Uint8Array> {
  for (const { buffer, byteOffset, byteLength } of [kept, alias]) {
    for (let done = 0; done < byteLength; done += PIECE_BYTES) {
      yield new Uint8Array(buffer, byteOffset + done, Math.min(PIECE_BYTES, byteLength - done));
    }
  }
}

function tableHash() {
  const hash = createHash("sha256");
  return {
    add: (bytes: Uint8Array) => hash.update(bytes),
    end: () => hash.digest("hex").slice(0, 32),
  };
}

function digestOfTable(arrays: AliasArrays): string {
  const hash = tableHash();
  for (const bytes of bytesOfTable(arrays)) hash.add(bytes);
  return hash.end();
}

/** The same digest, while which others have their turn. */
export async function digestInTurns(arrays: AliasArrays): Promise<string> {
  const hash = tableHash();
  for (const bytes of bytesOfTable(arrays)) {
    hash.add(bytes);
    await nextTurn();
  }
  return hash.end();
}

export function tableInMemory({ kept, alias, digest }: NamedArrays): AliasTable {
  return {
    count: kept.length,
    keptAt: (column) => kept[column] as number,
    aliasAt: (column) => alias[column] as number,
    digest,
  };
}

/**
 * The table of an array of weights.
 *
 * @throws {TypeError | RangeError} for weights that are negative, not finite, or all zero.
 * @throws {PixtokError} OUT_OF_MEMORY
 */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  if (!isObject(weights) && !Array.isArray(weights)) {
    throw wrongType("weights", "an array of numbers", weights);
  }
  const count = requireInteger("weights.length", weights.length, 1, MOST_WEIGHTS);
  const adding = weightSum();
  const problem = adding.add(weights);
  if (problem !== undefined) {
    const { place, expected, got } = problem;
    const error = typeof got === "number" ? outOfRange : wrongType;
    throw error(`weights[${place}]`, expected, got);
  }
  const sum = adding.total();
  if (typeof sum !== "number") throw outOfRange("weights", sum.expected, weights);
  const maker = aliasTableMaker(count, sum);
  maker.add(weights);
  maker.pairOff(Number.POSITIVE_INFINITY);
  const arrays = maker.finish();
  return tableInMemory({ ...arrays, digest: digestOfTable(arrays) });
}
