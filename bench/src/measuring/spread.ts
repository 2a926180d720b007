/** At least `least` values: all of them, several times over where they are fewer. */
export function severalTimesOver<Value>(values: readonly Value[], least: number): Value[] {
  return Array.from({ length: Math.ceil(least / values.length) }, () => values).flat();
}

/** `count` of the values, evenly spread, so that a short list is as hard as the whole one. */
export function evenlySpread<Value>(values: readonly Value[], count: number): Value[] {
  const taken = Math.min(count, values.length);
  return Array.from(
    { length: taken },
    (_, i) => values[Math.floor((i * values.length) / taken)] as Value,
  );
}
