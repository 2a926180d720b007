/** Random choices that a seed decides (xorshift32). */
export interface Random {
  /** A whole number from 0 to before `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

/** The same choices for the same seed. */
export function randomFrom(seed: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ 0xc2b2ae35) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i += 1) next();
  const random: Random = {
    below: (limit) => next() % limit,
    chance: (probability) => next() < probability * 2 ** 32,
    pick(choices) {
      if (choices.length === 0) throw new RangeError("there is nothing to pick from");
      return choices[random.below(choices.length)] as never;
    },
  };
  return random;
}
