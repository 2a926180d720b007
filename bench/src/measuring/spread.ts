/** `count` of the values, evenly spread, so that a short list is as hard as the whole one. */
export function evenlySpread<Value>(values: readonly Value[], count: number): Value[] {
  const taken = Math.min(count, values.length);
  return Array.from(
    { length: taken },
    (_, i) => values[Math.floor((i * values.length) / taken)] as Value,
  );
}
