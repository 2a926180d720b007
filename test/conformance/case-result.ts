/** What became of one line of a golden file. */
export interface CaseResult {
  /** The case, and what of it is not identical. */
  name: string;
  /**
   * 0: identical. Otherwise the largest difference between two elements, or null where the golden
   * file has a hash alone, or where it is no matter of elements.
   */
  difference: number | null;
}

export function judged(name: string, identical: boolean): CaseResult {
  return { name, difference: identical ? 0 : null };
}

/** Whether whole rows of numbers are equal, and else by how much elements differ. */
export function compared(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): CaseResult {
  if (actual.length !== expected.length) {
    return { name: `${name}: ${actual.length} elements, not ${expected.length}`, difference: null };
  }
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const distance = Math.abs((actual[i] as number) - (expected[i] as number));
    if (!(distance <= difference)) difference = distance;
  }
  return { name, difference: Number.isNaN(difference) ? null : difference };
}
