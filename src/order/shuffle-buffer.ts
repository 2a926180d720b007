import { unitFraction } from "./permutation.js";

/** Mixes what comes one after the other, as far as a buffer reaches. */
export interface ShuffleBuffer<T> {
  /** Takes one in, and gives one that comes out for it; undefined while the buffer is being filled. */
  push(value: T): T | undefined;
  /** One of those that are left; undefined where none is. */
  pop(): T | undefined;
}

/**
 * The algorithm of WebDataset's shuffle() with a buffer that is filled first, and of tf.data's: once the buffer is
 * full, a random one makes room for each that comes. Which ones is decided by seed, epoch and how many have come out.
 *
 * @param size most that are held.
 */
export function shuffleBuffer<T>(size: number, seed: number, epoch: number): ShuffleBuffer<T> {
  const held: T[] = [];
  let given = 0;
  const draw = (): number => {
    const place = Math.floor(unitFraction(seed, epoch, given) * held.length);
    given += 1;
    return place;
  };
  return {
    push(value) {
      if (held.length < size) {
        held.push(value);
        return undefined;
      }
      const place = draw();
      const drawn = held[place] as T;
      held[place] = value;
      return drawn;
    },
    pop() {
      if (held.length === 0) return undefined;
      const place = draw();
      const drawn = held[place] as T;
      const last = held.pop() as T;
      if (place < held.length) held[place] = last;
      return drawn;
    },
  };
}
