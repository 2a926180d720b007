import type { Pair } from "pixtok";
import { numberedPairs } from "./pairs.js";

/** Numbered pairs of which those in `bad` fail, each in the way that its index says. */
export function spoiledPairs(length: number, bad: ReadonlySet<number>) {
  const good = numberedPairs(length);
  return {
    length,
    get(index: number): Pair {
      const pair = good.get(index);
      if (!bad.has(index)) return pair;
      switch (index % 4) {
        case 0:
          return { ...pair, image: "no-such-file.jpg" };
        case 1:
          return { ...pair, image: Buffer.from("this is no image") };
        case 2:
          throw new Error("the disk is gone");
        default:
          return { image: pair.image, text: 5 as unknown as string };
      }
    },
  };
}

/** Up to a third of the indices below `length`. */
export function randomBad(random: (limit: number) => number, length: number): Set<number> {
  const bad = new Set<number>();
  for (let i = random(Math.ceil(length / 3)); i > 0; i -= 1) bad.add(random(length));
  return bad;
}
