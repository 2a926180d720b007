/** An order of 0 … length - 1 that is computed, not stored. */
export interface Permutation {
  /** What stands at a position. */
  indexAt(position: number): number;
}

const ROUNDS = 8;
/** Bits of half a Feistel block; small lengths get a block of 256, for good mixing. */
const LEAST_HALF_BITS = 4;
const MOST_SMALL_HALF_BITS = 15;

/** The finalizer of MurmurHash3, a bijection of 32 bits in which every input bit moves every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A hash of integers from 0 to 2^53 - 1. */
function mixAll(numbers: readonly number[]): number {
  let state = 0x9e3779b9 | 0;
  for (let i = 0; i < numbers.length; i += 1) {
    const number = numbers[i] as number;
    state = mix(state ^ (number | 0)) + 0x6d2b79f5;
    state = mix(state ^ ((number / 2 ** 32) | 0)) + 0x6d2b79f5;
  }
  return state | 0;
}

/** A number from 0 to below 1 that looks random, the same for the same integers. 53 bits. */
export function unitFraction(...numbers: readonly number[]): number {
  const state = mixAll(numbers);
  const high = mix(state + 0x9e3779b9) >>> 5;
  const low = mix(state + Math.imul(2, 0x9e3779b9)) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/**
 * A pseudo-random permutation keyed by (seed, epoch) and, where several are wanted for the two, more
 * integers: a Feistel network over the next power of four, walked along its cycles until it is back
 * inside the length (Black and Rogaway's "Ciphers with arbitrary finite domains", cycle walking).
 * Integer arithmetic only, so it is the same everywhere. Constant memory and time.
 */
export function keyedPermutation(
  length: number,
  seed: number,
  epoch: number,
  ...more: readonly number[]
): Permutation {
  let halfBits = LEAST_HALF_BITS;
  while (4 ** halfBits < length) halfBits += 1;
  const half = 2 ** halfBits;
  const mask = half - 1;
  /** Whether values are integers of 32 bits, which are split and joined faster. */
  const isSmall = halfBits <= MOST_SMALL_HALF_BITS;
  const state = mixAll([seed, epoch, ...more]);
  const keys: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    keys.push(mix(state + Math.imul(round, 0x9e3779b9)));
  }

  // halves have at most 27 bits, so left * half + right is exact in a double
  const forward = (value: number): number => {
    let left = isSmall ? value >>> halfBits : Math.floor(value / half);
    let right = isSmall ? value & mask : value % half;
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = left ^ (mix(right ^ (keys[round] as number)) & mask);
      left = right;
      right = next;
    }
    return isSmall ? (left << halfBits) | right : left * half + right;
  };
  return {
    indexAt(position) {
      let value = forward(position);
      while (value >= length) value = forward(value);
      return value;
    },
  };
}
