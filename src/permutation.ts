/** An order of 0 … length - 1 that is computed, not stored. */
export interface Permutation {
  /** What stands at a position. */
  indexAt(position: number): number;
}

const ROUNDS = 8;
/** Bits of half a Feistel block; small lengths get a block of 256, for good mixing. */
const LEAST_HALF_BITS = 4;

/** The finalizer of MurmurHash3, a bijection of 32 bits in which every input bit moves every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function roundKeys(seed: number, epoch: number): Int32Array {
  const words = [seed | 0, (seed / 2 ** 32) | 0, epoch | 0, (epoch / 2 ** 32) | 0];
  let state = 0x9e3779b9 | 0;
  for (const word of words) state = mix(state ^ word) + 0x6d2b79f5;
  return Int32Array.from({ length: ROUNDS }, (_, round) =>
    mix(state + Math.imul(round + 1, 0x9e3779b9)),
  );
}

/**
 * A pseudo-random permutation keyed by (seed, epoch): a Feistel network over the next power of four,
 * walked along its cycles until it is back inside the length (Black and Rogaway's "Ciphers with
 * arbitrary finite domains", cycle walking). Integer arithmetic only, so it is the same everywhere.
 * Constant memory and time.
 */
export function keyedPermutation(length: number, seed: number, epoch: number): Permutation {
  let halfBits = LEAST_HALF_BITS;
  while (4 ** halfBits < length) halfBits += 1;
  const half = 2 ** halfBits;
  const mask = half - 1;
  const keys = roundKeys(seed, epoch);

  // halves have at most 27 bits, so left * half + right is exact in a double
  const forward = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = left ^ (mix(right ^ (keys[round] as number)) & mask);
      left = right;
      right = next;
    }
    return left * half + right;
  };
  return {
    indexAt(position) {
      let value = forward(position);
      while (value >= length) value = forward(value);
      return value;
    },
  };
}

export function identityPermutation(): Permutation {
  return { indexAt: (position) => position };
}
