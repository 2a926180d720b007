/** A source of numbers in [0, 1). */
export type Random = () => number;

/** Numbers that follow from the seed alone, the same on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A generator for one item of many, so that items can be made in any order. */
export function seededRandomOf(seed: number, item: number): Random {
  const mixed = seededRandom((seed ^ Math.imul(item + 1, 0x85ebca6b)) >>> 0)();
  return seededRandom(Math.floor(mixed * 2 ** 32));
}

/** A real number in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low);
}

/** One of the choices, each as likely as the next. */
export function pick<Choice>(random: Random, choices: readonly [Choice, ...Choice[]]): Choice {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

/** A copy in random order. */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
