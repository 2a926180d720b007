/** Mulberry32: 32 bits of state, by Tommy Ettinger; the same numbers for the same seed. */
function* randomNumbers(seed) {
  let state = seed >>> 0;
  for (;;) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    yield ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** No more than `count` of the items, drawn without repetition. */
export function drawn(items, count, seed) {
  const random = randomNumbers(seed);
  const left = [...items];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(Math.floor(random.next().value * left.length), 1)[0],
  );
}

export const percent = ({ mistakes, noticed }) =>
  mistakes === 0 ? "–" : `${((100 * noticed) / mistakes).toFixed(0)} %`;
