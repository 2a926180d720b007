/** Numbers in a typed array that grows: eight bytes each, whatever their number. */
export interface GrowingNumbers {
  readonly length: number;
  push(value: number): void;
  /** Those pushed so far, in an array of just their number. */
  finished(): Float64Array;
}

export function growingNumbers(): GrowingNumbers {
  let values = new Float64Array(1024);
  let count = 0;
  return {
    get length() {
      return count;
    },
    push(value) {
      if (count === values.length) {
        const larger = new Float64Array(2 * count);
        larger.set(values);
        values = larger;
      }
      values[count] = value;
      count += 1;
    },
    finished: () => values.slice(0, count),
  };
}
